#define _GNU_SOURCE  // wcwidth

#include "Editor.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

cle_editor *cle_editor_of(EditLine *edit) {
    void *data = NULL;
    el_get(edit, EL_CLIENTDATA, &data);
    return data;
}

// MARK: prompt and hint

static void copy_ascii(char *to, size_t size, const char *from) {
    size_t count = 0;
    for (; *from && count + 1 < size; from++) {
        unsigned char byte = (unsigned char)*from;
        if ((byte & 0xC0) == 0x80) continue;  // one '?' for a whole UTF-8 character
        to[count++] = byte >= ' ' && byte < 0x7F ? *from : '?';
    }
    to[count] = 0;
}

void cle_set_prompt(cle_editor *editor, const char *prompt) {
    copy_ascii(editor->prompt, sizeof editor->prompt, prompt);
}

void cle_set_hint(cle_editor *editor, const char *hint, bool dim) {
    char text[200];
    copy_ascii(text, sizeof text, hint);
    // \1 brackets what takes no room; a bracket may not come last, hence the space at the end. The
    // one before the text keeps libedit from taking its first cell for an old one: it compares two
    // cells that begin with an escape as equal.
    const char *format = dim ? "\1\033[2m\1 %s\1\033[22m\1 " : "%s ";
    snprintf(editor->hint, sizeof editor->hint, format, text);
    if (!*text) editor->hint[0] = 0;
}

static char *prompt_text(EditLine *edit) { return cle_editor_of(edit)->prompt; }

// Escape ends a search and is gone, so of an arrow key the rest would be left as text ("[C"). When
// more has arrived together with it, the escape is put back in front.
static void rejoin_escape(cle_editor *editor) {
    int descriptor = fileno(editor->input), waiting = 0;
    char key[6] = "\033";
    if (ioctl(descriptor, FIONREAD, &waiting) != 0 || waiting < 2) return;
    if (read(descriptor, key + 1, 1) != 1) return;
    unsigned char lead = (unsigned char)key[1];
    int more = lead < 0xC0 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    for (int i = 0; i < more && read(descriptor, key + 2 + i, 1) == 1; i++) continue;
    el_push(editor->edit, lead == '[' || lead == 'O' ? key : key + 1);
}

// While ^R searches, libedit shows "bck:" on a second line of the edited text itself, and ends the
// search at any key that is not bound to ed-insert. So the space key, which otherwise renews the
// hint, is a plain space for as long.
static bool watch_search(cle_editor *editor) {
    const LineInfo *info = el_line(editor->edit);
    bool searches = memchr(info->buffer, '\n', (size_t)(info->lastchar - info->buffer)) != NULL;
    if (searches == editor->space_is_plain) return searches;
    editor->space_is_plain = searches;
    el_set(editor->edit, EL_BIND, " ", searches ? "ed-insert" : "shiplog-space", NULL);
    if (!searches) rejoin_escape(editor);
    return searches;
}

static char *hint_text(EditLine *edit) {
    cle_editor *editor = cle_editor_of(edit);
    editor->hint[0] = 0;
    bool searches = watch_search(editor);
    if (!searches && !editor->hides_hint && editor->show_hint) editor->show_hint(editor->context);
    return editor->hint;
}

// MARK: opening and closing

// The user's character set, or UTF-8 where none is set: the C locale would refuse every other
// letter.
static void choose_character_set(void) {
    const char *chosen = setlocale(LC_CTYPE, "");
    if (chosen && strcmp(nl_langinfo(CODESET), "ANSI_X3.4-1968") != 0) return;
    if (!setlocale(LC_CTYPE, "C.UTF-8")) setlocale(LC_CTYPE, "C");
}

static bool open_files(cle_editor *editor, int input, int output) {
    if (input == STDIN_FILENO && output == STDOUT_FILENO) {
        editor->input = stdin;
        editor->output = stdout;
        return true;
    }
    editor->owns_files = true;
    editor->input = fdopen(dup(input), "r");
    editor->output = fdopen(dup(output), "w");
    return editor->input && editor->output;
}

static bool open_edit(cle_editor *editor, const char *program, const char *terminal) {
    editor->edit = el_init(program, editor->input, editor->output, stderr);
    editor->history = history_init();
    if (!editor->edit || !editor->history) return false;
    if (terminal) el_set(editor->edit, EL_TERMINAL, terminal);
    el_set(editor->edit, EL_CLIENTDATA, editor);
    el_set(editor->edit, EL_EDITOR, "emacs");
    el_set(editor->edit, EL_SIGNAL, 1);
    el_set(editor->edit, EL_PROMPT_ESC, prompt_text, '\1');
    el_set(editor->edit, EL_RPROMPT_ESC, hint_text, '\1');
    HistEvent event;
    history(editor->history, &event, H_SETSIZE, cle_history_size);
    history(editor->history, &event, H_SETUNIQUE, 1);
    el_set(editor->edit, EL_HIST, history, editor->history);
    return true;
}

cle_editor *cle_open(
    const char *program, int input, int output, const char *terminal, bool reads_editrc
) {
    choose_character_set();
    cle_editor *editor = calloc(1, sizeof *editor);
    if (!editor) return NULL;
    errno = 0;
    if (!open_files(editor, input, output) || !open_edit(editor, program, terminal)) {
        int error = errno ? errno : ENOMEM;
        cle_close(editor);
        errno = error;
        return NULL;
    }
    if (reads_editrc) el_source(editor->edit, NULL);  // before our own keys, so that they stay
    cle_bind_keys(editor->edit);
    // ^C as a key, not a signal: libedit would send SIGINT on to the whole process group.
    el_set(editor->edit, EL_SETTY, "-d", "-isig", NULL);
    return editor;
}

void cle_close(cle_editor *editor) {
    if (editor->edit) el_end(editor->edit);
    if (editor->history) history_end(editor->history);
    if (editor->owns_files && editor->input) fclose(editor->input);
    if (editor->owns_files && editor->output) fclose(editor->output);
    free(editor->listing);
    free(editor);
}

void cle_set_callbacks(
    cle_editor *editor, void *context, cle_callback complete, cle_callback hint
) {
    editor->context = context;
    editor->complete = complete;
    editor->show_hint = hint;
}

// MARK: reading

cle_result cle_read(cle_editor *editor) {
    editor->hides_hint = false;
    editor->cancelled = false;
    editor->line = NULL;
    // libedit does this only after it has shown the prompt: a ^D typed in between would be lost.
    el_set(editor->edit, EL_PREP_TERM, 1);
    int count = 0;
    errno = 0;
    editor->line = el_gets(editor->edit, &count);
    editor->error = errno;
    editor->length = editor->line && count > 0 ? strlen(editor->line) : 0;
    if (editor->cancelled) return CLE_CANCELLED;
    if (editor->line && count > 0) {
        if (editor->line[editor->length - 1] == '\n') editor->length--;
        return CLE_LINE;
    }
    fputs("\n", editor->output);
    fflush(editor->output);
    if (count == 0) return CLE_END;
    return editor->error == EINTR ? CLE_CANCELLED : CLE_FAILED;
}

int cle_error(const cle_editor *editor) { return editor->error; }

const char *cle_line(cle_editor *editor, size_t *length, size_t *cursor) {
    if (editor->line) {
        *length = *cursor = editor->length;
        return editor->line;
    }
    const LineInfo *info = el_line(editor->edit);
    *length = (size_t)(info->lastchar - info->buffer);
    *cursor = (size_t)(info->cursor - info->buffer);
    return info->buffer;
}

void cle_replace(cle_editor *editor, int count, const char *text) {
    if (count > 0) el_deletestr(editor->edit, count);
    el_insertstr(editor->edit, text);
}

void cle_list(cle_editor *editor, const char *text) {
    free(editor->listing);
    editor->listing = strdup(text);
}

void cle_add_history(cle_editor *editor, const char *line) {
    HistEvent event;
    history(editor->history, &event, H_ENTER, line);
}

int cle_cells(unsigned int scalar) {
    int cells = wcwidth((wchar_t)scalar);
    return cells > 0 ? cells : 0;
}
