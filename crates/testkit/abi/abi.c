/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Prints the layout and the numbers of the s390 KVM interface; see print.h. */
#include "print.h"

int main(void)
{
	interrupts();
	registers();
	run_page();
	memory();
	devices();
	constants();
	ioctls();
	capabilities();
	return 0;
}
