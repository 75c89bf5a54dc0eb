// A profile is an input like any other: whatever its bytes say, opening it and walking all of it must end. An input that is no profile is
// taken for the payload of one, and packed: a mutated zstd frame seldom decompresses.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "elf/exports.h"
#include "elf/image.h"
#include "support/packed_payload.h"
#include "target/memory_file_system.h"
#include "target/profile.h"

using namespace abiscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto input = std::as_bytes(std::span(data, size));
    std::vector<std::byte> bytes(input.begin(), input.end());
    if (size < 16 || std::memcmp(data, "abiscope-profile", 16) != 0) bytes = test::packed("abiscope-profile", 1, {data, size});
    Limits limits;
    limits.decompressed_bytes = 1 << 24;
    limits.stream_bytes = 1 << 26;
    auto opened = target::open_profile(Source::from_memory("profile", std::move(bytes)), limits);
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
