/* Fails in line 5 and then is interrupted: the frame must say so. */
#include "bare.h"
program: SET_GR(7, 1)
	QEMU_FAILS("No rule: this one is only to be found.")
	CHECK_GR(7, 2)
	CHECK_GR(7, 1)
	.short	0
