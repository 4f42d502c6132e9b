/* As restart.S, with the CPU in a wait. */
#define WAITING
#include "restart.S"
