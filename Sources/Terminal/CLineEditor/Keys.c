#include <signal.h>
#include <stdlib.h>

#include "Editor.h"

// Key sequences no terminal sends. A key that needs two steps, with a redraw between them, pushes
// one of these behind itself: only libedit's own loop knows how to redraw what changed.
#define STEP_TO_END "\033[9991~"
#define STEP_ACCEPT "\033[9992~"
#define STEP_CANCEL "\033[9993~"
#define STEP_LIST "\033[9994~"

static unsigned char key_space(EditLine *edit, int key) {
    (void)key;
    return el_insertstr(edit, " ") == 0 ? CC_REFRESH : CC_ERROR;
}

// Enter: first redraw without the hint, then accept.
static unsigned char key_enter(EditLine *edit, int key) {
    (void)key;
    cle_editor_of(edit)->hides_hint = true;
    el_push(edit, STEP_ACCEPT);
    return CC_REFRESH;
}

// ^C: first redraw without the hint and with the cursor at the end, then drop the line.
static unsigned char key_cancel(EditLine *edit, int key) {
    (void)key;
    cle_editor_of(edit)->hides_hint = true;
    el_push(edit, STEP_TO_END STEP_CANCEL);
    return CC_REFRESH;
}

static unsigned char step_cancel(EditLine *edit, int key) {
    (void)key;
    cle_editor *editor = cle_editor_of(edit);
    editor->cancelled = true;
    fputs("^C\n", editor->output);
    fflush(editor->output);
    return CC_NEWLINE;
}

// ^Z: not left to EL_SIGNAL, which sees only the first one of a line. The whole job stops, as if
// the terminal had done it.
static unsigned char key_stop(EditLine *edit, int key) {
    (void)key;
    struct sigaction plain = {.sa_handler = SIG_DFL}, before;
    sigemptyset(&plain.sa_mask);
    el_set(edit, EL_PREP_TERM, 0);
    sigaction(SIGTSTP, &plain, &before);
    kill(0, SIGTSTP);
    sigaction(SIGTSTP, &before, NULL);
    el_set(edit, EL_PREP_TERM, 1);
    el_set(edit, EL_REFRESH);
    return CC_NORM;
}

static unsigned char key_complete(EditLine *edit, int key) {
    (void)key;
    cle_editor *editor = cle_editor_of(edit);
    if (!editor->complete) return CC_ERROR;
    free(editor->listing);
    editor->listing = NULL;
    editor->complete(editor->context);
    if (editor->listing) {
        editor->listing_cursor = el_cursor(edit, 0);
        el_push(edit, STEP_TO_END STEP_LIST);
    }
    return CC_REFRESH;
}

static unsigned char step_list(EditLine *edit, int key) {
    (void)key;
    cle_editor *editor = cle_editor_of(edit);
    if (!editor->listing) return CC_NORM;
    fprintf(editor->output, "\n%s", editor->listing);
    free(editor->listing);
    editor->listing = NULL;
    el_cursor(edit, editor->listing_cursor - el_cursor(edit, 0));
    el_set(edit, EL_REFRESH);
    return CC_NORM;
}

void cle_bind_keys(EditLine *edit) {
    static const struct {
        const char *name;
        unsigned char (*function)(EditLine *, int);
    } functions[] = {
        {"shiplog-space", key_space},       {"shiplog-enter", key_enter},
        {"shiplog-cancel", key_cancel},     {"shiplog-cancel-step", step_cancel},
        {"shiplog-stop", key_stop},         {"shiplog-complete", key_complete},
        {"shiplog-list-step", step_list},
    };
    // The long sequences are spelled out because TERM and the terminal often disagree about them.
    static const char *const keys[][2] = {
        {STEP_TO_END, "ed-move-to-end"},    {STEP_ACCEPT, "ed-newline"},
        {STEP_CANCEL, "shiplog-cancel-step"}, {STEP_LIST, "shiplog-list-step"},
        {" ", "shiplog-space"},             {"\t", "shiplog-complete"},
        {"^M", "shiplog-enter"},            {"^J", "shiplog-enter"},
        {"^C", "shiplog-cancel"},           {"^Z", "shiplog-stop"},
        {"^R", "em-inc-search-prev"},       {"^W", "ed-delete-prev-word"},
        {"\\e[A", "ed-prev-history"},       {"\\eOA", "ed-prev-history"},
        {"\\e[B", "ed-next-history"},       {"\\eOB", "ed-next-history"},
        {"\\e[1~", "ed-move-to-beg"},       {"\\e[7~", "ed-move-to-beg"},
        {"\\e[H", "ed-move-to-beg"},        {"\\eOH", "ed-move-to-beg"},
        {"\\e[4~", "ed-move-to-end"},       {"\\e[8~", "ed-move-to-end"},
        {"\\e[F", "ed-move-to-end"},        {"\\eOF", "ed-move-to-end"},
        {"\\e[3~", "ed-delete-next-char"},  {"\\e[1;5D", "ed-prev-word"},
        {"\\e[1;5C", "em-next-word"},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        el_set(edit, EL_ADDFN, functions[i].name, "shiplog", functions[i].function);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        el_set(edit, EL_BIND, keys[i][0], keys[i][1], NULL);
}
