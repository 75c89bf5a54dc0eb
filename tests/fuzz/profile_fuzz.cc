// A profile is an input like any other: whatever its bytes say, opening it and walking all of it must end.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "elf/exports.h"
#include "elf/image.h"
#include "target/memory_file_system.h"
#include "target/profile.h"

using namespace abiscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    Limits limits;
    limits.decompressed_bytes = 1 << 24;
    limits.stream_bytes = 1 << 26;
    auto opened = target::open_profile(Source::from_memory("profile", {bytes, bytes + size}), limits);
    if (!opened) return 0;
    const auto& files = static_cast<const target::MemoryFileSystem&>(*opened->files);
    std::size_t left = 1000;
    for (const std::string& path : files.paths()) {
        if (left-- == 0) break;
        (void)files.status(path, target::Credentials{1000, 1000});
        (void)files.complete_in(path);
        auto contents = files.open(path, target::Credentials{});
        const auto* source = contents ? std::get_if<SourcePtr>(&*contents) : nullptr;
        if (source == nullptr) continue;
        if (auto image = elf::Image::parse(*source)) (void)elf::ExportTable(*image).symbols().size();
    }
    return 0;
}
