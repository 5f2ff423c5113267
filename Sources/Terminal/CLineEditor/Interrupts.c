#include "CLineEditor.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <unistd.h>

// Lock-free, so a signal handler may touch it and any thread may poll it.
static atomic_bool interrupted;

static void note_interrupt(int signal) {
    (void)signal;
    atomic_store(&interrupted, true);
}

int cle_interrupt_install(void) {
    struct sigaction current;
    if (sigaction(SIGINT, NULL, &current) != 0) return errno;
    if (current.sa_handler == SIG_IGN) return 0;
    // No SA_RESTART: a read that waits must come back and look at the flag.
    struct sigaction action = {.sa_handler = note_interrupt};
    sigemptyset(&action.sa_mask);
    return sigaction(SIGINT, &action, NULL) == 0 ? 0 : errno;
}

bool cle_interrupt_pending(void) { return atomic_load(&interrupted); }

bool cle_interrupt_take(void) { return atomic_exchange(&interrupted, false); }

void cle_interrupt_raise(void) { atomic_store(&interrupted, true); }

void cle_block_signals_in_this_thread(void) {
    static const int blocked[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof blocked / sizeof *blocked; i++) sigaddset(&set, blocked[i]);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int cle_terminal_columns(int descriptor) {
    struct winsize size;
    if (!isatty(descriptor) || ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}
