// SPDX-License-Identifier: Apache-2.0
// Headers live among other people's macros: those of <complex.h>, <termios.h>, <sys/sysmacros.h>, X11 and Windows.
// clang-format off
#define I            _Complex_I
#define B0           0000000
#define major(dev)   gnu_dev_major(dev)
#define minor(dev)   gnu_dev_minor(dev)
#define makedev(a,b) gnu_dev_makedev(a, b)
#define linux        1
#define unix         1
#define Bool         int
#define Status       int
#define Success      0
#define None         0L
#define Always       2
#define True         1
#define False        0
#define small        char
#define min(a,b)     hostile(a, b)
#define max(a,b)     hostile(a, b)
#define interface    struct
#define IN
#define OUT
#define OPTIONAL
#define ERROR        0
#define DEBUG        1
#define CHECK(x)     hostile(x)
#define ASSERT(x)    hostile(x)
#define FAIL         hostile
#define PI           3.14
#define EPS          1e-9
#define MAX          hostile
#define MIN          hostile
#define SIZE         hostile
#define THREADS      hostile
#define RANKS        hostile
#define BLOCKS       hostile
// clang-format on

#include <colossus/colossus.hpp>
