// A machine with glibc's loader and no file but those a test adds; a program started on it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loader/simulate.h"
#include "support/memory_file_system.h"
#include "support/small_elf.h"

namespace abiscope::loader {

using testing::SmallElf;

inline constexpr const char* loader_path = "/lib64/ld-linux-x86-64.so.2";

struct Machine {
    std::shared_ptr<testing::MemoryFileSystem> files = std::make_shared<testing::MemoryFileSystem>();
    target::Target target;
    target::Libc libc;
    Options options;

    explicit Machine(Version version = {2, 36}) {
        files->add_file(loader_path, SmallElf().build());
        target.architecture = target::Architecture::amd64;
        target.user = {0, 0};
        libc.kind = target::LibcKind::glibc;
        libc.version = std::move(version);
        libc.loader = loader_path;
        libc.directories = {"/lib", "/usr/lib"};
        libc.cache = "/etc/ld.so.cache";
    }

    Outcome run(const SmallElf& program) { return run_bytes(program.build()); }

    Outcome run_bytes(const std::string& program) {
        files->add_file("/app/prog", program);
        target.files = files;
        ModuleCache cache(files);
        auto opened = cache.open("/app/prog", {0, 0});
        return run_glibc({"/app/prog", opened->module, opened->status}, target, libc, cache, options);
    }
};

inline SmallElf program(std::vector<std::string> needed = {}) {
    SmallElf out;
    out.interpreter = loader_path;
    out.needed = std::move(needed);
    return out;
}

}  // namespace abiscope::loader
