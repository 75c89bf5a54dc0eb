// What `layout` and `call` share: where types come from, and the ABIs asked about.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "abi/profile.h"
#include "cli/context.h"
#include "source/declarations.h"

namespace abiscope::cli {

struct DeclaredOptions {
    std::vector<std::string> texts;    // -e
    std::string language = "auto";     // auto, c, c++, go
    std::vector<std::string> abis;
    std::vector<std::string> flags;    // behind `--`
};

void add_declared_options(CLI::App& app, DeclaredOptions& options);

// One file, or all texts of -e together.
struct NamedSource {
    std::string name;
    abi::Language language = abi::Language::c;
    std::unique_ptr<source::TypeSource> types;
};

// `file` empty: the texts of -e.
[[nodiscard]] Result<NamedSource> open_types(const DeclaredOptions& options, const std::string& file);
// The same from a text that stands for the texts of -e.
[[nodiscard]] Result<NamedSource> read_text(const DeclaredOptions& options, std::string text);

// The profiles --abi names, or the usual ones of the language. Error bad_usage for a name that is not there, or an ABI of another language.
[[nodiscard]] Result<std::vector<abi::Profile>> profiles_for(const DeclaredOptions& options, abi::Language language,
                                                             const std::vector<std::string>& usual);

}  // namespace abiscope::cli
