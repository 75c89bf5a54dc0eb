#include "loader/glibc_cache.h"

#include <algorithm>

#include "bytes/endian.h"

namespace abiscope::loader {

namespace {

constexpr std::string_view old_magic = "ld.so-1.7.0";
constexpr std::string_view new_magic = "glibc-ld.so.cache1.1";
constexpr std::uint64_t old_header_size = 16;      // magic, padding, count
constexpr std::uint64_t old_entry_size = 12;       // flags, key, value
constexpr std::uint64_t new_header_size = 48;
constexpr std::uint64_t new_entry_size = 24;       // flags, key, value, unused, hwcap
constexpr std::uint32_t extension_magic = 0xeaa42174;
constexpr std::uint32_t tag_hwcaps = 1;
constexpr std::uint64_t hwcap_extension = std::uint64_t{1} << 62;
constexpr std::uint32_t isa_level_mask = 0x3ff;
constexpr std::uint64_t hwcap_tls = std::uint64_t{1} << 63;

char at(std::string_view text, std::size_t index) { return index < text.size() ? text[index] : '\0'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Wraps as the C code's int does on every machine glibc runs on.
std::int32_t number(std::string_view text, std::size_t& index) {
    std::uint32_t value = 0;
    for (; is_digit(at(text, index)); ++index) value = value * 10 + static_cast<std::uint32_t>(text[index] - '0');
    return static_cast<std::int32_t>(value);
}

}  // namespace

int compare_cache_names(std::string_view a, std::string_view b) {
    std::size_t i = 0, j = 0;
    while (at(a, i) != '\0') {
        if (is_digit(at(a, i))) {
            if (!is_digit(at(b, j))) return 1;
            std::int32_t first = number(a, i), second = number(b, j);
            if (first != second) return static_cast<std::int32_t>(static_cast<std::uint32_t>(first) - static_cast<std::uint32_t>(second));
        } else if (is_digit(at(b, j))) {
            return -1;
        } else if (at(a, i) != at(b, j)) {
            return at(a, i) - at(b, j);
        } else {
            ++i;
            ++j;
        }
    }
    return at(a, i) - at(b, j);
}

LdCache::LdCache(SourcePtr source, Endian order, bool count_checked) : source_(std::move(source)), order_(order) {
    View file = source_->view();
    whole_ = file;
    auto word = [&](std::uint64_t offset) { return load<std::uint32_t>(file.data() + offset, order_); };
    if (file.size() > new_header_size && file.starts_with(new_magic) &&
        (!count_checked || (file.size() - new_header_size) / new_entry_size >= word(new_magic.size()))) {
        open_new(file, 0);
        return;
    }
    if (file.size() <= old_header_size || !file.starts_with(old_magic) || (file.size() - old_header_size) / old_entry_size < word(12)) {
        fault_ = "neither form of ld.so.cache, or cut off";
        return;
    }
    std::uint64_t entries_end = old_header_size + std::uint64_t{word(12)} * old_entry_size;
    std::uint64_t start = align_up(entries_end, 8);
    if (file.size() >= start + new_header_size && file.starts_with(new_magic, start)) {
        open_new(file, start);
        return;
    }
    usable_ = true;
    count_ = word(12);
    entries_ = file.clamped(old_header_size, entries_end - old_header_size);
    strings_ = file.from(entries_end);
    string_limit_ = strings_.size();
}

void LdCache::open_new(View whole, std::uint64_t start) {
    auto word = [&](std::uint64_t offset) { return load<std::uint32_t>(whole.data() + start + offset, order_); };
    auto flags = static_cast<std::uint8_t>(whole.data()[start + 28]);
    std::uint8_t expected = order_ == Endian::little ? 2 : 3;
    if (flags != 0 && (flags & 3) != expected) {
        fault_ = "written for the other byte order";
        return;
    }
    new_start_ = start;
    with_hwcap_ = true;
    count_ = word(20);
    extension_offset_ = word(32);
    entries_ = whole.from(start + new_header_size);
    // The count of a new part that follows an old one is not checked by the loader; beyond the file there is nothing to read.
    overruns_ = count_ > entries_.size() / new_entry_size;
    count_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(count_, entries_.size() / new_entry_size));
    strings_ = whole.from(start);
    string_limit_ = whole.size();
    usable_ = true;
}

LdCache::Entry LdCache::entry(std::uint32_t index) const {
    const std::byte* record = entries_.data() + index * (with_hwcap_ ? new_entry_size : old_entry_size);
    return {.flags = load<std::int32_t>(record, order_),
            .key = load<std::uint32_t>(record + 4, order_),
            .value = load<std::uint32_t>(record + 8, order_),
            .kernel = with_hwcap_ ? load<std::uint32_t>(record + 12, order_) : 0,
            .hwcap = with_hwcap_ ? load<std::uint64_t>(record + 16, order_) : 0};
}

std::optional<std::string_view> LdCache::text(std::uint32_t offset) const {
    if (offset >= string_limit_) return std::nullopt;
    return strings_.c_string(offset);
}

// The rank of each string of the glibc-hwcaps section among the subdirectories in use; 0 for one that is not.
std::vector<std::uint32_t> LdCache::priorities(const CacheQuery& query) const {
    std::vector<std::uint32_t> out;
    auto word = [&](std::uint64_t offset) { return load<std::uint32_t>(whole_.data() + offset, order_); };
    if (extension_offset_ == 0 || extension_offset_ % 4 != 0 || !range_fits(extension_offset_, 8, whole_.size())) return out;
    if (word(extension_offset_) != extension_magic) return out;
    std::uint64_t sections = word(extension_offset_ + 4);
    if (!range_fits(extension_offset_ + std::uint64_t{8}, sections * 16, whole_.size())) return out;
    std::uint64_t names = 0, size = 0;
    for (std::uint64_t i = 0; i < sections; ++i) {
        std::uint64_t record = extension_offset_ + 8 + i * 16;
        if (!range_fits(word(record + 8), word(record + 12), whole_.size())) return out;
        if (word(record) != tag_hwcaps) continue;
        names = word(record + 8);
        size = word(record + 12);
    }
    if (size == 0 || size % 4 != 0 || names % 4 != 0) return out;
    out.reserve(size / 4);
    // The loader merges two sorted lists; a list of names that is not sorted makes it miss some, so the merge is done here too.
    std::vector<std::pair<std::string_view, std::uint32_t>> active;
    active.reserve(query.subdirectories.size());
    for (std::size_t i = 0; i < query.subdirectories.size(); ++i)
        active.emplace_back(query.subdirectories[i], static_cast<std::uint32_t>(i + 1));
    std::stable_sort(active.begin(), active.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    auto right = active.begin();
    for (std::uint64_t at = names; at < names + size; at += 4) {
        auto name = whole_.c_string(word(at));
        while (name && right != active.end() && right->first < *name) ++right;
        if (name && right != active.end() && right->first == *name) {
            out.push_back(right->second);
            ++right;
        } else {
            out.push_back(0);
        }
    }
    return out;
}

std::optional<std::string_view> LdCache::lookup(std::string_view name, const CacheQuery& query) const {
    if (!usable_) return std::nullopt;
    std::int64_t left = 0, right = static_cast<std::int64_t>(count_) - 1;
    while (left <= right) {
        std::int64_t middle = (left + right) / 2;
        auto key = text(entry(static_cast<std::uint32_t>(middle)).key);
        if (!key) return std::nullopt;
        int order = compare_cache_names(name, *key);
        if (order < 0) {
            left = middle + 1;
            continue;
        }
        if (order > 0) {
            right = middle - 1;
            continue;
        }
        auto same_name = [&](std::int64_t index) {
            auto other = text(entry(static_cast<std::uint32_t>(index)).key);
            return other && compare_cache_names(name, *other) == 0;
        };
        left = middle;
        while (middle > 0 && same_name(middle - 1)) --middle;

        std::optional<std::string_view> best;
        std::uint32_t best_priority = 0;
        std::optional<std::vector<std::uint32_t>> ranks;
        for (; middle <= right; ++middle) {
            if (middle > left && !same_name(middle)) break;
            Entry found = entry(static_cast<std::uint32_t>(middle));
            bool accepted = found.flags == query.wanted_flags || found.flags == query.also_flags;
            auto path = text(found.value);
            if (!accepted || !path) continue;
            bool named = false;
            if (with_hwcap_) {
                auto high = static_cast<std::uint32_t>(found.hwcap >> 32);
                named = query.named_hwcaps && (high & ~isa_level_mask) == (hwcap_extension >> 32);
                std::uint32_t level = high & isa_level_mask;
                // x86 only: the number of the bit of GNU_PROPERTY_X86_ISA_1 that must be there (sysdeps/x86/dl-isa-level.h).
                if (named && query.x86_levels && (query.isa_level & (1U << (level & 31))) == 0) continue;
                if (!named && best) break;
                if (!named && !query.legacy_hwcaps && found.hwcap != 0) continue;
                std::uint64_t exclude = ~(query.hwcap | query.platform_mask | hwcap_tls);
                if (!named && (found.hwcap & exclude) != 0) continue;
                std::uint64_t platform = found.hwcap & query.platform_mask;
                if (platform != 0 && platform != query.platform_bit) continue;
                if (query.kernel != 0 && found.kernel > query.kernel) continue;
                if (named) {
                    if (!ranks) ranks = priorities(query);
                    auto index = static_cast<std::uint32_t>(found.hwcap);
                    std::uint32_t priority = index < ranks->size() ? (*ranks)[index] : 0;
                    if (priority == 0 || (best && priority >= best_priority)) continue;
                    best_priority = priority;
                }
            }
            best = path;
            if (!named && found.flags == query.wanted_flags) break;
        }
        return best;
    }
    return std::nullopt;
}

}  // namespace abiscope::loader
