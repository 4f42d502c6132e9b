/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A program that runs a guest for a while and is then killed. */
#include "manners.h"

int main(void)
{
	struct guest guest = guest_new();

	for (int n = 0; n < 20; n++) {
		CHECK(guest_done(&guest));
		usleep(30000);
	}
	if (finish())
		return 1;
	fflush(stdout);
	kill(getpid(), SIGKILL);
	return 1;
}
