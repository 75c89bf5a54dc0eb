// Simulates many starts under musl at once. Standard input: a JSON list of {program, root, loader, version, environment, directory, uid,
// gid, traces, symbols}; standard output: what abiscope says of each, under the names that `abiscope check --json` uses.
#include <iostream>
#include <map>

#include <nlohmann/json.hpp>

#include "loader/simulate.h"
#include "target/root_file_system.h"

namespace {

using namespace abiscope;
using nlohmann::json;

json outcome_json(const loader::Outcome& outcome) {
    json message = {{"text", outcome.message.text}, {"signal", outcome.message.signal}};
    message["exit_code"] = outcome.message.exit_code ? json(*outcome.message.exit_code) : json(nullptr);
    json out = {{"verdict", to_string(outcome.verdict)},
                {"stage", to_string(outcome.stage)},
                {"message", message},
                {"assumptions", outcome.assumptions}};
    out["libraries"] = json::array();
    for (const auto& library : outcome.libraries) {
        json tried = json::array();
        for (const auto& step : library.trace)
            tried.push_back({{"action", finding::to_string(step.action)}, {"what", step.what}, {"reason", step.reason}});
        out["libraries"].push_back({{"name", library.name},
                                    {"path", library.path},
                                    {"found_by", to_string(library.found_by)},
                                    {"requester", library.requester},
                                    {"depth", library.depth},
                                    {"tried", tried}});
    }
    out["problems"] = json::array();
    for (const auto& problem : outcome.problems) {
        out["problems"].push_back({{"kind", to_string(problem.kind)},
                                   {"stage", to_string(problem.stage)},
                                   {"fatal", problem.fatal},
                                   {"certain", problem.certain},
                                   {"object", problem.object},
                                   {"subject", problem.subject},
                                   {"reason", problem.reason},
                                   {"version", problem.version},
                                   {"places", problem.places.size()},
                                   {"offset", problem.places.empty() ? 0 : problem.places.front().offset.value_or(0)}});
    }
    out["bindings"] = json::array();
    for (const auto& binding : outcome.bindings) {
        out["bindings"].push_back(
            {{"symbol", binding.symbol}, {"from", binding.from}, {"to", binding.to}, {"kind", binding.kind}, {"version", binding.version}});
    }
    return out;
}

json answer(const json& question, std::map<std::string, target::FileSystemPtr>& roots) {
    std::string root = question.value("root", "/");
    target::FileSystemPtr& files = roots[root];
    if (!files) {
        auto opened = target::RootFileSystem::open_root(root);
        if (!opened) return {{"error", opened.error().describe()}};
        files = *opened;
    }
    target::Target on;
    on.architecture = target::Architecture::amd64;
    on.files = files;
    on.user = {question.value("uid", 0U), question.value("gid", 0U)};
    on.working_directory = question.value("directory", "/");
    const json environment = question.value("environment", json::object());
    for (const auto& [name, value] : environment.items()) on.environment.emplace_back(name, value.get<std::string>());
    target::Libc libc;
    libc.kind = target::LibcKind::musl;
    libc.architecture = on.architecture;
    libc.loader = question.value("loader", "/lib/ld-musl-x86_64.so.1");
    libc.version = Version::parse(question.value("version", "")).value_or(Version());
    loader::ModuleCache cache(files);
    loader::Program program{.path = question.at("program"), .module = nullptr, .status = {}};
    std::string path = program.path.starts_with('/') ? program.path : on.working_directory + "/" + program.path;
    auto opened = cache.open(path, {0, 0});
    if (!opened) return {{"error", "cannot open " + path}};
    program.module = opened->module;
    program.status = opened->status;
    loader::Options options{.symbols = question.value("symbols", true),
                            .keep_bindings = question.value("bindings", false),
                            .keep_traces = question.value("traces", false),
                            .bind_now = false};
    return outcome_json(loader::run_musl(program, on, libc, cache, options));
}

}  // namespace

int main() {
    json questions = json::parse(std::cin, nullptr, false);
    if (!questions.is_array()) {
        std::cerr << "musl_dump: standard input is not a JSON list\n";
        return 2;
    }
    std::map<std::string, target::FileSystemPtr> roots;
    json answers = json::array();
    for (const json& question : questions) answers.push_back(answer(question, roots));
    std::cout << answers.dump(1, ' ', false, json::error_handler_t::replace) << '\n';
}
