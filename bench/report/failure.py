# SPDX-License-Identifier: Apache-2.0
"""How the report refuses: one line, and the exit status of all our programs."""

CHECK, USAGE, INPUT, BROKE, NOT_HERE = 1, 2, 3, 4, 5


class Failure(Exception):
    """Ends the program with one line and an exit status."""

    def __init__(self, line: str, status: int = INPUT):
        super().__init__(line)
        self.status = status
