// Any bytes as a root in one file: a tar in any compression, a Debian package, an image with its layers. Then everything in it is read.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "bytes/source.h"
#include "target/archive_root.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace abiscope;
    auto bytes = std::as_bytes(std::span(data, size));
    SourcePtr source = Source::from_memory("root", {bytes.begin(), bytes.end()});
    Limits limits;
    limits.decompressed_bytes = 1 << 22;
    auto files = target::read_archive_root(source, target::Architecture::amd64, limits);
    if (!files) {
        static_cast<void>(files.error().describe());
        return 0;
    }
    std::size_t left = 1000;
    for (const std::string& path : (*files)->paths()) {
        if (left-- == 0) break;
        if (!path.starts_with('/')) __builtin_trap();
        static_cast<void>((*files)->status(path, target::Credentials{1000, 1000}));
        static_cast<void>((*files)->open(path, target::Credentials{}));
        static_cast<void>((*files)->list(path));
    }
    return 0;
}
