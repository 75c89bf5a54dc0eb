// Prints, as JSON, what glibc's simulated loader makes of many programs at once, for tests/differential/glibc_loader.py. Reads cases from
// standard input, one per line, fields separated by tabs: name=value. Every case prints one JSON object on one line.
//
//   program=PATH        of the program on the target (and argv[0])
//   root=DIR            the target's root on this machine; / when absent
//   libc=VERSION loader=PATH dirs=A:B:C lib=TOKEN platform=NAME cache=PATH
//   arch=NAME vendor=NAME cpu=NAME features=a,b,c uid=N gid=N cwd=DIR now=1 kernel=VERSION page=BYTES env.NAME=VALUE
//   full=1              bind everything the slow way
//   code=1              look at the program's instructions, too
//   repeat=1            do not print, for timing
#include <chrono>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "loader/isa_check.h"
#include "loader/simulate.h"
#include "target/root_file_system.h"

namespace {

using namespace abiscope;

using Fields = std::map<std::string, std::string>;

Fields parse(const std::string& line) {
    Fields fields;
    for (std::string_view part : text::split(line, "\t")) {
        auto equals = part.find('=');
        if (equals != std::string_view::npos) fields.emplace(part.substr(0, equals), part.substr(equals + 1));
    }
    return fields;
}

std::vector<std::string> list(const std::string& text, std::string_view separator) {
    std::vector<std::string> out;
    for (std::string_view part : text::split(text, separator)) {
        if (!part.empty()) out.emplace_back(part);
    }
    return out;
}

std::string read(const Fields& fields, const std::string& name, const std::string& fallback) {
    auto found = fields.find(name);
    return found == fields.end() ? fallback : found->second;
}

target::Target make_target(const Fields& fields, target::FileSystemPtr files) {
    target::Target target;
    target.architecture = target::parse_architecture(read(fields, "arch", "amd64")).value_or(target::Architecture::unknown);
    target.files = std::move(files);
    target.working_directory = read(fields, "cwd", "/");
    target.user = {static_cast<std::uint32_t>(std::stoul(read(fields, "uid", "0"))),
                   static_cast<std::uint32_t>(std::stoul(read(fields, "gid", "0")))};
    target.cpu.name = read(fields, "cpu", "");
    target.cpu.features = list(read(fields, "features", ""), ",");
    target.cpu.vendor = read(fields, "vendor", "");
    target.cpu.exact = true;
    target.kernel.page_size = std::stoull(read(fields, "page", "4096"));
    target.kernel.version = Version::parse(read(fields, "kernel", "")).value_or(Version());
    target::Libc& libc = target.libc;
    libc.kind = target::LibcKind::glibc;
    libc.version = Version::parse(read(fields, "libc", "2.36")).value_or(Version());
    libc.loader = read(fields, "loader", "/lib64/ld-linux-x86-64.so.2");
    libc.directories = list(read(fields, "dirs", "/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:/lib:/usr/lib"), ":");
    libc.lib_token = read(fields, "lib", "lib/x86_64-linux-gnu");
    libc.platform_token = read(fields, "platform", "");
    libc.cache = read(fields, "cache", "/etc/ld.so.cache");
    for (const auto& [name, value] : fields) {
        if (name.starts_with("env.")) target.environment.emplace_back(name.substr(4), value);
    }
    return target;
}

nlohmann::json to_json(const loader::Outcome& outcome) {
    nlohmann::json out;
    out["verdict"] = loader::to_string(outcome.verdict);
    out["stage"] = loader::to_string(outcome.stage);
    nlohmann::json& message = out["message"];
    message["text"] = outcome.message.text;
    if (outcome.message.exit_code) message["exit_code"] = *outcome.message.exit_code;
    if (!outcome.message.signal.empty()) message["signal"] = outcome.message.signal;
    out["libraries"] = nlohmann::json::array();
    for (const loader::LoadedLibrary& library : outcome.libraries) {
        out["libraries"].push_back({{"name", library.name}, {"path", library.path}, {"found_by", loader::to_string(library.found_by)}});
    }
    out["problems"] = nlohmann::json::array();
    for (const loader::Problem& problem : outcome.problems) {
        out["problems"].push_back({{"kind", loader::to_string(problem.kind)},
                                   {"reason", problem.reason},
                                   {"certain", problem.certain},
                                   {"places", problem.places.size()}});
    }
    out["assumptions"] = outcome.assumptions;
    return out;
}

}  // namespace

int main() {
    std::map<std::string, std::shared_ptr<loader::ModuleCache>> caches;
    std::string line;
    std::chrono::steady_clock::duration spent{};
    std::size_t count = 0;
    while (std::getline(std::cin, line)) {
        Fields fields = parse(line);
        std::string root = read(fields, "root", "/");
        auto& cache = caches[root + "\n" + read(fields, "generation", "")];
        if (!cache) {
            auto files = target::RootFileSystem::open_root(root);
            if (!files) {
                std::fprintf(stderr, "%s\n", files.error().describe().c_str());
                return 4;
            }
            cache = std::make_shared<loader::ModuleCache>(*files);
        }
        target::Target target = make_target(fields, cache->files());
        auto start = std::chrono::steady_clock::now();
        loader::Program program{.path = fields.at("program"), .module = nullptr, .status = {}};
        std::string absolute = program.path.starts_with('/') ? program.path : target.working_directory + "/" + program.path;
        auto opened = cache->open(absolute, target.user);
        loader::Outcome outcome;
        if (opened && opened->module) {
            program.module = opened->module;
            program.status = opened->status;
            loader::Options options;
            options.bind_now = fields.contains("now");
            options.keep_bindings = fields.contains("full");
            outcome = loader::run_glibc(program, target, target.libc, *cache, options);
            if (fields.contains("code") && program.module->image() != nullptr) {
                loader::check_instructions(*program.module->image(), program.path, target, outcome);
            }
        }
        spent += std::chrono::steady_clock::now() - start;
        ++count;
        if (!fields.contains("repeat"))
            std::cout << to_json(outcome).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
    }
    std::fprintf(stderr, "%zu programs, %.1f ms\n", count, std::chrono::duration<double, std::milli>(spent).count());
    return 0;
}
