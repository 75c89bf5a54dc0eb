#include "cli/target_options.h"

#include <climits>
#include <cstdlib>

#include "loader/isa_check.h"

namespace abiscope::cli {

namespace {

std::string base_name(const std::string& path) {
    std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string absolute(const std::string& path) {
    char resolved[PATH_MAX];
    return ::realpath(path.c_str(), resolved) != nullptr ? std::string(resolved) : path;
}

// A word without a slash is searched in PATH by a shell; the file named here is started as ./NAME.
std::string as_started(const std::string& path) { return path.find('/') == std::string::npos ? "./" + path : path; }

}  // namespace

void add_machine_options(OptionTable& table, TargetOptions& options) {
    target::Selection& words = options.selection;
    table.option("--sysroot", words.sysroot, "The target's files: a folder, a tar, .deb packages, an OCI layout", {.type = "DIR"});
    table.option("--env", words.environment, "Environment variable on the target; may be given again", {.type = "NAME=VALUE"});
    table.option("--user", words.user, "Who starts it: root, nobody, UID or UID:GID", {.type = "USER"});
    table.option("--cpu", words.cpu, "CPU: a level (x86-64-v2), a model (Haswell), or changes (+avx2,-bmi1)", {.type = "CPU"});
    table.option("--kernel", words.kernel, "Kernel version", {.type = "VERSION"});
    table.option("--page-size", words.page_size, "Page size in bytes (4096, 65536)", {.type = "BYTES"});
    table.option("--shell", words.shell, "Shell that starts it: bash-5.2, dash, busybox, zsh or none", {.type = "SHELL"});
    table.option("--cwd", words.working_directory, "Working directory on the target", {.type = "DIR"});
    table.option("--binfmt", words.binfmt, "As if this handler were registered: wine, qemu-aarch64...; may be given again",
                 {.type = "NAME"});
    table.flag("--no-binfmt", words.no_binfmt, "As if the kernel had no binfmt_misc handlers");
}

void add_target_options(OptionTable& table, TargetOptions& options) {
    table.option("--target", options.names,
                 "Machine: host, a name of the catalogue (debian:12/amd64), or a captured profile; may be given again", {.type = "TARGET"});
    table.option("--at", options.place, "Path of the program on the target", {.type = "PATH"});
    add_machine_options(table, options);
}

Result<target::Target> select(const TargetOptions& options, const std::string& name, target::Architecture subject) {
    target::Selection selection = options.selection;
    selection.target = name;
    return target::select_target(selection, subject);
}

Result<Machine*> Machines::get(const std::string& name, target::Architecture subject) {
    std::string key = name + "\n" + std::string(to_string(subject));
    std::lock_guard lock(mutex_);
    if (auto known = machines_.find(key); known != machines_.end()) return known->second.get();
    ABISCOPE_TRY(target::Target target, select(options_, name, subject));
    auto machine = std::make_unique<Machine>();
    machine->cache = std::make_unique<loader::ModuleCache>(target.files);
    machine->sweep_worthwhile = loader::sweep_worthwhile(target);
    machine->target = std::move(target);
    return machines_.emplace(key, std::move(machine)).first->second.get();
}

std::vector<std::string> Machines::names() const { return options_.names.empty() ? std::vector<std::string>{""} : options_.names; }

std::string place_on(const target::Target& target, const TargetOptions& options, const std::string& path) {
    if (!options.place.empty()) return options.place;
    if (!options.selection.sysroot.empty()) {
        std::string root = absolute(options.selection.sysroot);
        std::string file = absolute(path);
        if (root == "/") return file;
        if (file.starts_with(root + "/")) return file.substr(root.size());
        return "./" + base_name(path);
    }
    if (target.name == "host") return as_started(path);
    return "./" + base_name(path);
}

}  // namespace abiscope::cli
