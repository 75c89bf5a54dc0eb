// One function per command: adds its options to the program's option table and says how it is run.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/context.h"

namespace abiscope::cli {

using Run = std::function<Exit()>;

// Each returns what to do once the command line has been read. The objects they capture live as long as `app`.
[[nodiscard]] Run add_inspect(CLI::App& app);
[[nodiscard]] Run add_check(CLI::App& app);
[[nodiscard]] Run add_resolve(CLI::App& app);
[[nodiscard]] Run add_target(CLI::App& app);
[[nodiscard]] Run add_capture(CLI::App& app);   // `target capture`
[[nodiscard]] Run add_layout(CLI::App& app, const std::vector<std::string>& flags);   // flags: behind `--`, for the compiler
[[nodiscard]] Run add_call(CLI::App& app, const std::vector<std::string>& flags);
[[nodiscard]] Run add_diff(CLI::App& app);
[[nodiscard]] Run add_abi(CLI::App& app);
[[nodiscard]] Run add_explain(CLI::App& app);
[[nodiscard]] Run add_completion(CLI::App& app, CLI::App& root);
[[nodiscard]] Run add_man(CLI::App& app, CLI::App& root);

// --json, --jsonl, --output, --color, --quiet
void add_common_options(CLI::App& app, CommonOptions& options);

}  // namespace abiscope::cli
