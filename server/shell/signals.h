/*
 * Signals, as something that poll() can wait for: the handlers note what came and write a byte
 * to a pipe; the loop asks what it was. PIPE and XFSZ are ignored: the write returns an error.
 * So are ALRM, QUIT, USR1, the real-time signals and others that mean nothing here and would end
 * the program.
 *
 * There is one set of them in a process, so this module has global state.
 */
#ifndef SERVER_SHELL_SIGNALS_H
#define SERVER_SHELL_SIGNALS_H

enum signals {
	SIGNALS_STOP = 1,    /* TERM, INT */
	SIGNALS_RELOAD = 2,  /* HUP */
	SIGNALS_UPGRADE = 4, /* USR2 */
};

/*
 * From here on the signals are taken; they are let through even if they were blocked when this
 * program began. 0, or -1 with errno.
 */
int signals_open(void);

/* Becomes readable when a signal came. */
int signals_fd(void);

/* What came since the last call, as bits of enum signals. */
unsigned signals_take(void);

/* For a child that ends by itself: it ignores signals. */
void signals_ignore(void);

/*
 * During an exec: signals wait, so that none of them kills the new program before it has its
 * handlers. Those that came and were not taken yet wait as well.
 */
void signals_hold(void);
void signals_release(void);

#endif
