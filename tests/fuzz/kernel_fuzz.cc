// execve of one hostile file on machines of every kind and with every shell. The file is also what stands at the places its PT_INTERP and
// its
// #! line may name, so that it is read as a loader and as an interpreter too. (check_fuzz starts it on one machine, whose loader is known
// by name only.)
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "loader/simulate.h"
#include "support/memory_file_system.h"
#include "target/select.h"

using namespace abiscope;

namespace {

target::Target machine(target::Architecture architecture, target::Shell shell, Version kernel) {
    target::Target out;
    out.name = "test";
    out.architecture = architecture;
    out.kernel.version = std::move(kernel);
    out.kernel.x32 = true;
    out.shell = std::move(shell);
    out.working_directory = "/work";
    if (auto handler = target::known_binfmt("qemu-riscv64")) out.kernel.binfmt = {*handler};
    return out;
}

target::Target elsewhere(target::Os os, target::Architecture architecture, Version version, target::Shell shell) {
    target::Target out = machine(architecture, std::move(shell), {});
    out.os = os;
    out.os_version = std::move(version);
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using target::Architecture, target::Os, target::ShellKind;
    static const std::initializer_list<target::Target> machines{
        machine(Architecture::amd64, {ShellKind::bash, {5, 3}}, {6, 12}),
        machine(Architecture::arm64, {ShellKind::zsh, {5, 9}}, {6, 12}),
        machine(Architecture::i386, {ShellKind::dash, {}}, {5, 10}),
        machine(Architecture::s390x, {ShellKind::busybox, {}}, {4, 19}),
        machine(Architecture::armhf, {ShellKind::bash, {4, 2}}, {}),
        machine(Architecture::ppc64el, {ShellKind::none, {}}, {6, 6}),
        elsewhere(Os::windows, Architecture::amd64, {10}, {ShellKind::none, {}}),
        elsewhere(Os::macos, Architecture::arm64, {14}, {ShellKind::zsh, {}}),
        elsewhere(Os::macos, Architecture::amd64, {10, 14}, {ShellKind::bash, {3, 2}}),
    };
    auto files = std::make_shared<testing::MemoryFileSystem>();
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const char* place : {"/work/x", "/work/loader", "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-linux.so.2",
                              "/bin/sh", "/usr/bin/env"}) {
        files->add_file(place, bytes);
    }
    loader::ModuleCache cache(files);
    auto opened = cache.open("/work/x", {0, 0});
    if (!opened) return 0;
    for (target::Target on : machines) {
        on.files = files;
        for (std::uint32_t user : {0U, 1000U}) {
            on.user = {user, user};
            static_cast<void>(loader::exec({"./x", opened->module, opened->status}, on, cache));
        }
    }
    return 0;
}
