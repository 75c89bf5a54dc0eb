// One function per command: adds its options to the program's option table and says how it is run.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/option_table.h"

namespace abiscope::cli {

using Run = std::function<Exit()>;

// What is handed to a program that `run` starts.
struct CommandLineRest {
    std::vector<std::string> words;    // its name and its arguments
    bool pipe_signal_ignored = false;  // so this program was started
};

// Each returns what to do once the command line has been read; what it captured lives as long as the table.
[[nodiscard]] Run add_inspect(OptionTable& table);
[[nodiscard]] Run add_check(OptionTable& table);
[[nodiscard]] Run add_resolve(OptionTable& table);
[[nodiscard]] Run add_target(OptionTable& table);
[[nodiscard]] Run add_capture(OptionTable& target);   // `target capture`
[[nodiscard]] Run add_layout(OptionTable& table, const std::vector<std::string>& flags);   // flags: behind `--`, for the compiler
[[nodiscard]] Run add_call(OptionTable& table, const std::vector<std::string>& flags);
[[nodiscard]] Run add_diff(OptionTable& table);
[[nodiscard]] Run add_core(OptionTable& table);
[[nodiscard]] Run add_run(OptionTable& table, const CommandLineRest& rest);
[[nodiscard]] Run add_go(OptionTable& table);
[[nodiscard]] Run add_abi(OptionTable& table);
[[nodiscard]] Run add_explain(OptionTable& table);
[[nodiscard]] Run add_completion(OptionTable& table, const OptionTable& root);
[[nodiscard]] Run add_man(OptionTable& table, const OptionTable& root);

// --json, --jsonl, --output, --color, --quiet
void add_common_options(OptionTable& table, CommonOptions& options);

}  // namespace abiscope::cli
