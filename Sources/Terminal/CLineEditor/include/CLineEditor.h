// The C side of the prompt: what libedit and signals need C for, and nothing more.
//
// libedit's variadic calls, its FILE pointers and its key callbacks stay behind these functions;
// the Swift target `Terminal` is their only caller. All text is UTF-8, all functions of an editor
// belong to the thread that reads lines.
#ifndef CLINEEDITOR_H
#define CLINEEDITOR_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cle_editor cle_editor;

// Called while a line is edited, with the context given to cle_set_callbacks. It must be quick.
typedef void (*cle_callback)(void *context);

typedef enum {
    CLE_LINE,       // a line was accepted; cle_line holds it
    CLE_CANCELLED,  // ^C: the line was dropped
    CLE_END,        // ^D on an empty line, or the terminal is gone
    CLE_FAILED      // cle_error tells errno
} cle_result;

// Opens an editor on two descriptors, both of a terminal, or returns NULL with errno set.
// `terminal` overrides TERM unless NULL. `reads_editrc` decides about ~/.editrc.
cle_editor *cle_open(
    const char *program, int input, int output, const char *terminal, bool reads_editrc);
void cle_close(cle_editor *editor);

// `complete` runs at TAB, and may call cle_replace and cle_list; `hint` runs before each redraw,
// and may call cle_set_hint. Either may be NULL.
void cle_set_callbacks(cle_editor *editor, void *context, cle_callback complete, cle_callback hint);

// Text may hold printable ASCII only: libedit crashes on a non-ASCII prompt in the C locale.
// Anything else is replaced by '?'.
void cle_set_prompt(cle_editor *editor, const char *prompt);
void cle_set_hint(cle_editor *editor, const char *hint, bool dim);

cle_result cle_read(cle_editor *editor);

// The line being edited, or just accepted: `length` bytes, and the cursor's offset in them.
// Good until the next call.
const char *cle_line(cle_editor *editor, size_t *length, size_t *cursor);
int cle_error(const cle_editor *editor);

// During `complete`: replaces `count` characters (Unicode scalars) before the cursor by `text`;
// shows `text`, lines with their ends, below the line.
void cle_replace(cle_editor *editor, int count, const char *text);
void cle_list(cle_editor *editor, const char *text);

// Adds a line that the up arrow will find. Keeps `cle_history_size` of them.
void cle_add_history(cle_editor *editor, const char *line);
enum { cle_history_size = 1000 };

// Columns of the terminal behind a descriptor, or 0 if it is none.
int cle_terminal_columns(int descriptor);

// Cells of a character as the C library counts them in the locale chosen by cle_open; 0 if unknown.
int cle_cells(unsigned int scalar);

// SIGINT sets a flag and interrupts system calls. Installing it twice does no harm; a process that
// was started with SIGINT ignored keeps ignoring it. Returns 0 or errno.
int cle_interrupt_install(void);
bool cle_interrupt_pending(void);
bool cle_interrupt_take(void);
void cle_interrupt_raise(void);  // sets the flag as the signal would

// Keeps signals meant for the process away from the calling thread and the threads it starts.
void cle_block_signals_in_this_thread(void);

#endif
