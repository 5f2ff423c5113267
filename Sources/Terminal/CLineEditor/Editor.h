// What the files of the shim share: the editor's state, and where its keys are bound.
#ifndef CLINEEDITOR_EDITOR_H
#define CLINEEDITOR_EDITOR_H

#if !__has_include(<histedit.h>)
#error "libedit headers not found: apt-get install libedit-dev"
#endif

#include <histedit.h>
#include <stdio.h>

#include "CLineEditor.h"

struct cle_editor {
    EditLine *edit;
    History *history;
    FILE *input, *output;
    bool owns_files;

    char prompt[256], hint[256];
    void *context;
    cle_callback complete, show_hint;

    char *listing;          // waits to be shown below the line
    int listing_cursor;     // where the cursor was, in characters
    bool hides_hint;        // the line is finished: leave no hint beside it
    bool space_is_plain;    // see watch_search
    bool cancelled;
    const char *line;       // the accepted line, of libedit
    size_t length;
    int error;
};

cle_editor *cle_editor_of(EditLine *edit);
void cle_bind_keys(EditLine *edit);

#endif
