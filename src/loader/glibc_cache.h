// /etc/ld.so.cache: the binary index ldconfig writes, in its old ("ld.so-1.7.0"), new ("glibc-ld.so.cache1.1") and combined forms
// (glibc sysdeps/generic/dl-cache.h), and the loader's own lookup in it (elf/dl-cache.c).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/endian.h"
#include "bytes/source.h"
#include "bytes/view.h"

namespace abiscope::loader {

// What the loader on a machine compares entries with.
struct CacheQuery {
    std::int32_t wanted_flags = 0x303;         // of a library for this loader
    std::int32_t also_flags = 0x303;           // taken when nothing better is there (i386 takes 3 and 1)
    std::uint64_t hwcap = 0;                   // dl_hwcap & its mask, with the platform bits
    std::uint64_t platform_bit = 0;            // bit of the machine's platform name; 0 when it has none
    std::uint64_t platform_mask = 0;           // all bits that name platforms; 0 when this loader does not look
    std::uint32_t isa_level = 0;               // x86: bits of GNU_PROPERTY_X86_ISA_1
    bool x86_levels = false;                   // upper bits of an extended hwcap hold an ISA level
    bool legacy_hwcaps = true;                 // entries of tls and platform directories are taken (up to 2.36)
    bool named_hwcaps = true;                  // glibc-hwcaps entries are understood (2.33 and later)
    std::uint32_t kernel = 0;  // entries that ask for a newer one are passed over: 0x060100 for 6.1.0; 0 when this loader does not look
    std::vector<std::string> subdirectories;  // glibc-hwcaps names in priority order
};

class LdCache {
public:
    LdCache() = default;
    // Any bytes at all; a file that the loader would not use leaves the cache unusable. `count_checked`: this loader compares the count
    // of entries with the size of the file.
    LdCache(SourcePtr source, Endian order, bool count_checked = true);

    [[nodiscard]] bool usable() const { return usable_; }
    [[nodiscard]] std::uint32_t size() const { return count_; }
    // Whether it claims more entries than it has, and the loader looks for them behind the end of the file.
    [[nodiscard]] bool overruns() const { return overruns_; }
    // Why not, when it is not usable.
    [[nodiscard]] std::string_view fault() const { return fault_; }

    // The path the loader would take for a soname. Binary search, so that a file whose entries are not sorted misleads as the real one.
    [[nodiscard]] std::optional<std::string_view> lookup(std::string_view name, const CacheQuery& query) const;

private:
    struct Entry {
        std::int32_t flags;
        std::uint32_t key, value;
        std::uint32_t kernel;
        std::uint64_t hwcap;
    };
    [[nodiscard]] Entry entry(std::uint32_t index) const;
    [[nodiscard]] std::optional<std::string_view> text(std::uint32_t offset) const;
    [[nodiscard]] std::vector<std::uint32_t> priorities(const CacheQuery& query) const;
    void open_new(View whole, std::uint64_t start);

    SourcePtr source_;
    View entries_, strings_, whole_;
    std::uint64_t string_limit_ = 0;  // offsets at or beyond it are refused
    std::uint64_t new_start_ = 0;
    std::uint32_t count_ = 0;
    std::uint32_t extension_offset_ = 0;
    Endian order_ = Endian::little;
    bool usable_ = false;
    bool overruns_ = false;
    bool with_hwcap_ = false;
    std::string_view fault_ = "not there";
};

// Names compared with runs of digits as numbers: libfoo.so.10 after libfoo.so.9. Negative, zero or positive.
[[nodiscard]] int compare_cache_names(std::string_view a, std::string_view b);

}  // namespace abiscope::loader
