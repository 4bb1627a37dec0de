/* EACH_INSTRUCTION_SET compiles a function for several instruction sets; the machine's best is taken when the
   module loads. The loops keep their order and -ffp-contract=off forbids fused products, so all versions give
   the same bits. Picking at load time needs GCC and the GNU C library; elsewhere there is one version, and with
   -DONE_INSTRUCTION_SET there is the oldest one, to compare with. */
#ifndef SUBNET_SANDBOX_INSTRUCTION_SETS_H
#define SUBNET_SANDBOX_INSTRUCTION_SETS_H

#include <stdlib.h> /* defines __GLIBC__ */

#if !defined(ONE_INSTRUCTION_SET) && defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define EACH_INSTRUCTION_SET __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define EACH_INSTRUCTION_SET
#endif

#endif
