// Where the members of C's structs stand in the text, and what relies on their order.
#pragma once

#include <clang/AST/ASTContext.h>

#include "clang_module/translator.h"
#include "source/declarations.h"

namespace abiscope::clang_reader {

// Fills Declarations::texts for the records that the main file defines and the translator knows.
void read_record_texts(clang::ASTContext& context, const Translator& translator, source::Declarations& out);

}  // namespace abiscope::clang_reader
