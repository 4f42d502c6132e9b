/* The frame itself: what comes back from RUN, and how. */
#include "bare.h"
program:
	SET_GR(5, 0x123456789abcdef0)
	CHECK_GR(5, 0x123456789abcdef0)
	RUN(PLAIN | PSW_PROBLEM | PSW_CC(2), 1f)
	CHECK_SVC(7, 2)
	CHECK_OLD(PLAIN | PSW_PROBLEM | PSW_CC(2), 2f)
	CHECK_GR(5, 0x123456789abcdef0)
	RUN(PLAIN | PSW_PROBLEM, 3f)
	CHECK_PROGRAM(PGM_PRIVILEGED, 4)
	CHECK_OLD(PLAIN | PSW_PROBLEM, 4f)
	DONE
1:	svc	7
2:
3:	stap	0x400
4:
