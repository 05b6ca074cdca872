/*
 * A seccomp filter (seccomp.h): a program for the kernel's old packet filter, which looks at each
 * call's number.
 */
#include "server/shell/seccomp.h"

#ifdef HAVE_SECCOMP

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* What no chat room needs. */
static const uint16_t refused[] = {
#ifndef __SANITIZE_ADDRESS__ /* which looks for leaks with it */
	SYS_ptrace,
#endif
	SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_perf_event_open, SYS_bpf,
	SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_reboot,
	SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns,
	SYS_open_by_handle_at, SYS_name_to_handle_at, SYS_mknodat, SYS_swapon, SYS_swapoff,
	SYS_acct, SYS_quotactl, SYS_syslog, SYS_vhangup, SYS_personality, SYS_add_key,
	SYS_request_key, SYS_keyctl, SYS_settimeofday, SYS_adjtimex, SYS_clock_settime,
	SYS_clock_adjtime, SYS_sethostname, SYS_setdomainname,
#ifdef SYS_userfaultfd
	SYS_userfaultfd,
#endif
#ifdef SYS_kexec_file_load
	SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
	SYS_iopl,
#endif
#ifdef SYS_ioperm
	SYS_ioperm,
#endif
#ifdef SYS_io_uring_setup
	SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
#endif
#ifdef SYS_open_tree
	SYS_open_tree, SYS_move_mount, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick,
#endif
#ifdef SYS_mount_setattr
	SYS_mount_setattr,
#endif
};

enum {
	REFUSED = sizeof(refused) / sizeof(refused[0]),
	FILTER_MAX = 2 * REFUSED + 16,

	X32_CALLS = 0x40000000, /* x86-64's other numbers for the same calls */

#if defined(__x86_64__)
	ARCHITECTURE = (int)AUDIT_ARCH_X86_64,
#elif defined(__aarch64__)
	ARCHITECTURE = (int)AUDIT_ARCH_AARCH64,
#elif defined(__riscv) && __riscv_xlen == 64
	ARCHITECTURE = (int)AUDIT_ARCH_RISCV64,
#elif defined(__i386__)
	ARCHITECTURE = (int)AUDIT_ARCH_I386,
#elif defined(__arm__)
	ARCHITECTURE = (int)AUDIT_ARCH_ARM,
#else
	ARCHITECTURE = 0, /* no filter */
#endif
};

struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned short len;
};

static void add(struct filter *f, uint16_t code, uint32_t value, uint8_t yes, uint8_t no)
{
	f->code[f->len++] = (struct sock_filter){ .code = code, .k = value, .jt = yes, .jf = no };
}

static void load(struct filter *f, size_t offset)
{
	add(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* With a value loaded: where the comparison comes out like this, the call is refused. */
static void refuse_if(struct filter *f, uint16_t comparison, uint32_t value, bool outcome)
{
	add(f, BPF_JMP | comparison | BPF_K, value, outcome ? 0 : 1, outcome ? 1 : 0);
	add(f, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
}

bool seccomp_enter(void)
{
	struct filter f = { .len = 0 };
	struct sock_fprog program = { .filter = f.code };

	load(&f, offsetof(struct seccomp_data, arch));
	refuse_if(&f, BPF_JEQ, (uint32_t)ARCHITECTURE, false);
	load(&f, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	refuse_if(&f, BPF_JGE, X32_CALLS, true);
#endif
	for (size_t i = 0; i < REFUSED; i++)
		refuse_if(&f, BPF_JEQ, refused[i], true);
	add(&f, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	program.len = f.len;
	return ARCHITECTURE != 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#else

bool seccomp_enter(void)
{
	return false;
}

#endif
