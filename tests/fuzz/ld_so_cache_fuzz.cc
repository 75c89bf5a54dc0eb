// Any bytes as /etc/ld.so.cache, in both byte orders: opening it and looking names up in it.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bytes/source.h"
#include "loader/glibc_cache.h"

namespace {

using namespace abiscope;

// A path must be text within the file: AddressSanitizer says so when it is not.
std::size_t read_all(std::string_view text) {
    std::size_t sum = 0;
    for (char c : text) sum += static_cast<unsigned char>(c);
    return sum;
}

// The file's own names find their entries; those of the seeds are looked for whatever the file says.
std::vector<std::string> names_of(std::span<const std::byte> bytes) {
    std::vector<std::string> names{"libone.so.1", "libtwo.so.10", "libc.so.6", ""};
    std::string run;
    for (std::byte byte : bytes.last(std::min<std::size_t>(bytes.size(), 1024))) {
        if (byte != std::byte{0}) {
            run += static_cast<char>(byte);
        } else if (!run.empty()) {
            names.push_back(run.substr(run.rfind('/') + 1));
            run.clear();
            if (names.size() == 32) break;
        }
    }
    return names;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto bytes = std::as_bytes(std::span(data, size));
    SourcePtr source = Source::from_memory("ld.so.cache", {bytes.begin(), bytes.end()});
    loader::CacheQuery modern{.isa_level = 7, .x86_levels = true, .subdirectories = {"x86-64-v4", "x86-64-v3", "x86-64-v2"}};
    loader::CacheQuery old{.wanted_flags = 3,
                           .also_flags = 1,
                           .hwcap = 0x8000'0000'0000'0000,
                           .platform_bit = 1,
                           .platform_mask = 7,
                           .named_hwcaps = false,
                           .subdirectories = {}};
    std::vector<std::string> names = names_of(bytes);
    for (Endian order : {Endian::little, Endian::big}) {
        loader::LdCache cache(source, order);
        if (!cache.usable()) {
            static_cast<void>(read_all(cache.fault()));
            continue;
        }
        for (const std::string& name : names) {
            for (const loader::CacheQuery& query : {modern, old}) {
                if (auto path = cache.lookup(name, query)) static_cast<void>(read_all(*path));
            }
        }
    }
    return 0;
}
