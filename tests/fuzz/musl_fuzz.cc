// The input is the program and the library it may need: musl's loader maps, searches, binds and relocates both.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "loader/simulate.h"
#include "support/memory_file_system.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace abiscope;
    auto files = std::make_shared<abiscope::testing::MemoryFileSystem>();
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    files->add_file("/app/prog", bytes);
    for (const char* path : {"/lib/libx.so", "/usr/lib/libf.so", "/lib/ld-musl-x86_64.so.1"}) files->add_file(path, bytes);
    target::Target target;
    target.architecture = target::Architecture::amd64;
    target.files = files;
    target.environment = {{"LD_PRELOAD", "/lib/libx.so libf.so"}};
    target::Libc libc;
    libc.kind = target::LibcKind::musl;
    libc.loader = "/lib/ld-musl-x86_64.so.1";
    libc.version = size % 2 == 0 ? Version{1, 2, 5} : Version{1, 2, 2};
    loader::ModuleCache cache(files);
    auto opened = cache.open("/app/prog", {0, 0});
    loader::Options options{.symbols = true, .keep_bindings = true, .keep_traces = true, .bind_now = false};
    loader::Outcome outcome = loader::run_musl({"/app/prog", opened->module, opened->status}, target, libc, cache, options);
    for (const loader::Problem& problem : outcome.problems) {
        if (problem.places.empty()) __builtin_trap();
    }
    return 0;
}
