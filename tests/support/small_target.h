// A Linux of a few files, in memory: enough for a program to be started on.
#pragma once

#include <memory>
#include <string>

#include "target/cpu_levels.h"
#include "target/memory_file_system.h"
#include "target/target.h"

namespace abiscope::test {

// glibc 2.36 and musl 1.2.3 side by side on amd64, both known by description only.
inline target::Target small_target(
    const std::shared_ptr<target::MemoryFileSystem>& files = std::make_shared<target::MemoryFileSystem>(false)) {
    auto add = [&](std::string soname, std::string path, std::vector<std::string> versions) {
        (void)files->add_library(std::make_shared<target::DescribedLibrary>(target::DescribedLibrary{.soname = std::move(soname),
                                                                                                     .path = std::move(path),
                                                                                                     .needed = {},
                                                                                                     .versions = std::move(versions),
                                                                                                     .source = "made up for a test"}));
    };
    add("libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6", {"GLIBC_2.2.5", "GLIBC_2.14", "GLIBC_2.34", "GLIBC_2.36"});
    add("ld-linux-x86-64.so.2", "/lib64/ld-linux-x86-64.so.2", {"GLIBC_2.2.5", "GLIBC_2.3"});
    add("libc.musl-x86_64.so.1", "/lib/ld-musl-x86_64.so.1", {});

    target::Target out;
    out.name = "test";
    out.title = "A Linux of a few files";
    out.architecture = target::Architecture::amd64;
    out.kernel.version = Version{6, 1};
    out.cpu = target::find_cpu("x86-64-v2").value_or(target::Cpu{});
    out.libc.kind = target::LibcKind::glibc;
    out.libc.version = Version{2, 36};
    out.libc.loader = "/lib64/ld-linux-x86-64.so.2";
    out.libc.directories = {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib"};
    out.libc.architecture = target::Architecture::amd64;
    target::Libc musl;
    musl.kind = target::LibcKind::musl;
    musl.version = Version{1, 2, 3};
    musl.loader = "/lib/ld-musl-x86_64.so.1";
    musl.directories = {"/lib", "/usr/local/lib", "/usr/lib"};
    musl.architecture = target::Architecture::amd64;
    out.other_libcs.push_back(musl);
    out.files = files;
    return out;
}

}  // namespace abiscope::test
