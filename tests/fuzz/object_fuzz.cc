// Any bytes: what are they, and if they are an archive, what is in it.
#include <cstddef>
#include <cstdint>
#include <span>

#include "bytes/source.h"
#include "object/archive.h"
#include "object/detect.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace abiscope;
    auto bytes = std::as_bytes(std::span(data, size));
    SourcePtr source = Source::from_memory("input", {bytes.begin(), bytes.end()});
    object::Detected detected = object::detect(source->view());
    static_cast<void>(object::format_name(detected.kind));
    static_cast<void>(object::describe(detected));
    auto archive = object::read_archive(source->view());
    if (!archive) {
        static_cast<void>(archive.error().describe());
        return 0;
    }
    for (const object::ArchiveMember& member : archive->members) static_cast<void>(object::detect(member.bytes));
    return 0;
}
