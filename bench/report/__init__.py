# SPDX-License-Identifier: Apache-2.0
"""The report: rows, pairs, verdicts and environments as one page."""
