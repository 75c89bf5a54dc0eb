// The input is a program, the library it may need and the cache that leads to it: two lengths of 32 bits, then the three files one behind
// another. Bytes that are not of this form are all three at once.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "loader/simulate.h"
#include "support/memory_file_system.h"

namespace {

struct Files {
    std::string_view program, library, cache;
};

Files split(std::string_view bytes) {
    std::uint32_t program = 0, library = 0;
    constexpr std::size_t header = 8;
    if (bytes.size() < header) return {bytes, bytes, bytes};
    std::memcpy(&program, bytes.data(), sizeof program);
    std::memcpy(&library, bytes.data() + 4, sizeof library);
    std::string_view rest = bytes.substr(header);
    if (program > rest.size() || library > rest.size() - program) return {bytes, bytes, bytes};
    return {rest.substr(0, program), rest.substr(program, library), rest.substr(program + library)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace abiscope;
    Files parts = split({reinterpret_cast<const char*>(data), size});
    auto files = std::make_shared<abiscope::testing::MemoryFileSystem>();
    files->add_file("/app/prog", parts.program);
    for (const char* path : {"/lib/libx.so", "/usr/lib/libf.so", "/opt/libx.so", "/opt/glibc-hwcaps/x86-64-v2/libx.so"})
        files->add_file(path, parts.library);
    files->add_file("/lib64/ld-linux-x86-64.so.2", size % 3 == 0 ? parts.library : parts.program);
    files->add_file("/etc/ld.so.cache", parts.cache);
    target::Target target;
    target.architecture = target::Architecture::amd64;
    target.files = files;
    target.user = {0, 0};
    target.kernel.version = Version{5, 10};
    target.cpu.features = {"fpu",  "cx8",     "cmov",   "mmx", "fxsr",  "sse",    "sse2",
                           "cx16", "lahf_lm", "popcnt", "pni", "ssse3", "sse4_1", "sse4_2"};
    target.environment = {{"LD_PRELOAD", "/lib/libx.so libf.so"}, {"LD_LIBRARY_PATH", "/opt:$ORIGIN:"}};
    target::Libc libc;
    libc.kind = target::LibcKind::glibc;
    libc.loader = "/lib64/ld-linux-x86-64.so.2";
    libc.version = size % 2 == 0 ? Version{2, 36} : Version{2, 28};
    libc.directories = {"/lib", "/usr/lib"};
    libc.lib_token = "lib";
    libc.cache = "/etc/ld.so.cache";
    loader::ModuleCache cache(files);
    auto opened = cache.open("/app/prog", {0, 0});
    for (bool slow : {true, false}) {
        loader::Options options{.symbols = true, .keep_bindings = slow, .keep_traces = slow, .bind_now = slow};
        loader::Outcome outcome = loader::run_glibc({"/app/prog", opened->module, opened->status}, target, libc, cache, options);
        for (const loader::Problem& problem : outcome.problems) {
            if (problem.places.empty()) __builtin_trap();
        }
    }
    return 0;
}
