// What the kernel stage answers for files of this machine, for tests/differential/kernel_exec.py: reads lines `UID SHELL FOLDER PATH`,
// separated by tabs, and prints one JSON object for each. FOLDER is the working directory.
#include <algorithm>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "loader/simulate.h"
#include "target/host.h"

namespace {

using namespace abiscope;

nlohmann::json answer(const target::Target& host, loader::ModuleCache& cache, const std::string& line) {
    auto words = text::split(line, "\t");
    if (words.size() != 4) return {{"error", "not UID, SHELL, FOLDER, PATH: " + line}};
    target::Target target = host;
    auto id = static_cast<std::uint32_t>(text::parse_unsigned(words[0]).value_or(0));
    target.user = {id, id};
    std::string_view shell = words[1];
    auto kind = target::parse_shell_kind(shell.substr(0, shell.find('-')));
    if (!kind) return {{"error", "no shell: " + line}};
    target.shell = {*kind, Version::parse(shell.substr(std::min(shell.find('-'), shell.size() - 1) + 1)).value_or(Version{})};
    target.environment = {{"PATH", "/usr/bin:/bin"}};
    target.working_directory = words[2];
    loader::Program program{.path = std::string(words[3]), .module = nullptr, .status = {}};
    std::string absolute = program.path.starts_with('/') ? program.path : target.working_directory + "/" + program.path;
    if (auto status = target.files->status(absolute, {0, 0})) program.status = *status;
    if (auto opened = cache.open(absolute, {0, 0})) program.module = opened->module;

    loader::KernelAnswer kernel = loader::exec(program, target, cache);
    const loader::Outcome& outcome = kernel.outcome;
    nlohmann::json out{{"verdict", loader::to_string(outcome.verdict)},
                       {"text", outcome.message.text},
                       {"signal", outcome.message.signal},
                       {"error", outcome.message.error_name},
                       {"interpreter", kernel.interpreter},
                       {"binfmt", kernel.handled_by_binfmt},
                       {"assumptions", outcome.assumptions}};
    if (outcome.message.exit_code) out["exit_code"] = *outcome.message.exit_code;
    for (const loader::Problem& problem : outcome.problems) {
        out["reason"] = problem.reason;
        out["kind"] = loader::to_string(problem.kind);
        out["places"] = problem.places.size();
    }
    return out;
}

}  // namespace

int main() {
    auto host = target::host_target();
    if (!host) {
        std::cerr << host.error().describe() << '\n';
        return 1;
    }
    loader::ModuleCache cache(host->files);
    for (std::string line; std::getline(std::cin, line);) {
        std::cout << answer(*host, cache, line).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) << std::endl;
    }
}
