// What `layout` and `call` share: where types come from, and the ABIs asked about.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "abi/profile.h"
#include "cli/context.h"
#include "cli/option_table.h"
#include "source/declarations.h"
#include "source/program_source.h"

namespace abiscope::cli {

struct DeclaredOptions {
    std::vector<std::string> texts;    // -e
    std::string language = "auto";     // auto, c, c++, go
    std::vector<std::string> abis;
    std::vector<std::string> flags;    // behind `--`
    bool member_texts = false;         // where members stand in the text, too
    // Patterns of what is asked for by name: in C and C++ types and functions of headers too, and typedefs.
    std::vector<std::string> types, functions;
    std::string debug_folder;          // of separate debug files, before /usr/lib/debug
};

void add_declared_options(OptionTable& table, DeclaredOptions& options);

// One file, or all texts of -e together.
struct NamedSource {
    std::string name;
    abi::Language language = abi::Language::c;
    std::unique_ptr<source::TypeSource> types;
    source::ProgramSource* program = nullptr;   // `types`, where they come from debug information
};

// `file` empty: the texts of -e. What is not `wanted` may be left out of a program's types. Errors of a program: not_found when it has no
// debug information, unsupported when its machine has no profile.
[[nodiscard]] Result<NamedSource> open_types(const DeclaredOptions& options, const std::string& file, source::ProgramWanted wanted);
[[nodiscard]] bool is_program(View bytes);
// The same from a text that stands for the texts of -e, in the language that a file of that name is in.
[[nodiscard]] Result<NamedSource> read_text(const DeclaredOptions& options, std::string text, const std::string& like_file);

// The profiles --abi names, or a program's own and the usual ones of the language. `own_first`: a program's own in any case. Error
// bad_usage for a name that is not there, or an ABI of another language.
[[nodiscard]] Result<std::vector<abi::Profile>> profiles_for(const DeclaredOptions& options, const NamedSource& from,
                                                             const std::vector<std::string>& usual, bool own_first);

}  // namespace abiscope::cli
