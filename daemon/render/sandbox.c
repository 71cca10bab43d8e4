/*
 * A list of the system calls that drawing needs; every other one fails. Limits on memory, time and written bytes hold
 * besides. What the renderer reads comes from logs, by way of three parsers: the sandbox is for the day one of them errs.
 */
#include "render/sandbox.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define MEMORY_MAX (768UL << 20)
#define SECONDS_MAX 30
#define WRITTEN_MAX (64UL << 20)

static const int allowed[] = {
	SCMP_SYS(read),	    SCMP_SYS(write),	      SCMP_SYS(writev),	     SCMP_SYS(close),
	SCMP_SYS(fstat),    SCMP_SYS(newfstatat),     SCMP_SYS(lseek),	     SCMP_SYS(mmap),
	SCMP_SYS(munmap),   SCMP_SYS(mremap),	      SCMP_SYS(mprotect),    SCMP_SYS(madvise),
	SCMP_SYS(brk),	    SCMP_SYS(futex),	      SCMP_SYS(getrandom),   SCMP_SYS(clock_gettime),
	SCMP_SYS(gettid),   SCMP_SYS(getpid),	      SCMP_SYS(sched_yield), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(exit),	    SCMP_SYS(exit_group),     SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	/* Pango looks fonts up in threads of its own */
	SCMP_SYS(set_robust_list), SCMP_SYS(rseq),    SCMP_SYS(sched_getaffinity), SCMP_SYS(prctl),
};

static int limits_set(void)
{
	static const struct { int what; rlim_t value; } limits[] = {
		{ RLIMIT_AS, MEMORY_MAX }, { RLIMIT_CPU, SECONDS_MAX }, { RLIMIT_FSIZE, WRITTEN_MAX },
		{ RLIMIT_CORE, 0 },
	};

	for (size_t k = 0; k < sizeof(limits) / sizeof(limits[0]); k++) {
		struct rlimit limit = { limits[k].value, limits[k].value };

		if (setrlimit(limits[k].what, &limit) < 0)
			return -1;
	}
	return 0;
}

int sandbox_enter(void)
{
	scmp_filter_ctx filter;
	int rc = 0;

	if (limits_set() < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!filter)
		return -1;
	for (size_t k = 0; rc == 0 && k < sizeof(allowed) / sizeof(allowed[0]); k++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[k], 0);
	/* threads, no processes; clone3 hides its flags behind a pointer, so the C library is sent back to clone */
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				      SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (rc == 0)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	errno = -rc;
	return rc;
}
