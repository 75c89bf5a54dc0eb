// How the option table is shown, and what is said when a command line does not fit it.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "base/error.h"

namespace abiscope::cli {

// CLI11's own, less what only its author needs: one type for each argument, no list of what excludes what.
class HelpFormatter : public CLI::Formatter {
public:
    HelpFormatter();
    std::string make_option_opts(const CLI::Option* option) const override;
};

// "FILE", "TARGET": the type without the choices that CLI11 appends to it.
[[nodiscard]] std::string type_name(const CLI::Option& option);

// The words of the command that was being read: "target show"; empty when there was none yet.
[[nodiscard]] std::string command_path(const CLI::App& root);

// One sentence: the command, what is wrong, what to do.
[[nodiscard]] Error usage_error(const CLI::App& root, const CLI::ParseError& problem);

}  // namespace abiscope::cli
