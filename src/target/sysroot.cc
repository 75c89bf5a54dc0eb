#include "target/sysroot.h"

#include <filesystem>

#include "target/archive_root.h"
#include "target/cpu_levels.h"
#include "target/root_facts.h"
#include "target/root_file_system.h"

namespace abiscope::target {

Result<FileSystemPtr> open_sysroot(const std::string& path, Architecture architecture) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored) && !holds_packed_root(path)) {
        ABISCOPE_TRY(auto files, RootFileSystem::open_root(path));
        return files;
    }
    ABISCOPE_TRY(auto files, read_archive_root(path, architecture));
    return files;
}

Result<Target> sysroot_target(const std::string& path, Target base) {
    ABISCOPE_TRY(base.files, open_sysroot(path, base.architecture));
    base.name += " with the files of " + path;
    std::erase_if(base.sources, [](const FactSource& fact) { return fact.fact == "libc" || fact.fact == "shell" || fact.fact == "title"; });
    apply_root_facts(base);
    return base;
}

Result<Target> sysroot_target(const std::string& path, Architecture fallback) {
    Target target;
    ABISCOPE_TRY(target.files, open_sysroot(path, fallback));
    target.name = path;
    target.title = path;
    target.architecture = read_architecture(*target.files);
    if (target.architecture == Architecture::unknown) target.architecture = fallback;
    target.cpu = baseline_cpu(target.architecture);
    target.kernel.runs_32_bit = target.architecture == Architecture::amd64;
    target.sources.push_back({"kernel.version", "unknown: a root folder says nothing of the kernel it runs on"});
    target.sources.push_back({"cpu", "the least processor of the architecture"});
    apply_root_facts(target);
    return target;
}

}  // namespace abiscope::target
