// Lookup of a name among the definitions of one object, by DT_GNU_HASH or DT_HASH, as a loader does it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "elf/image.h"
#include "elf/symbols.h"
#include "elf/versions.h"

namespace abiscope::elf {

inline constexpr std::uint32_t gnu_hash_of_nothing = 5381;
[[nodiscard]] std::uint32_t gnu_hash(std::string_view name);

// A name with its hash, computed once for a lookup through many objects.
// The System V hash is rarely needed and computed when asked for.
struct HashedName {
    HashedName() = default;
    explicit HashedName(std::string_view name) : text(name), gnu(gnu_hash(name)) {}
    std::string_view text;
    std::uint32_t gnu = gnu_hash_of_nothing;
};

class ExportTable {
public:
    ExportTable() = default;
    explicit ExportTable(const Image& image);

    [[nodiscard]] const SymbolTable& symbols() const { return symbols_; }
    [[nodiscard]] bool has_hash() const { return kind_ != Kind::none; }

    // False when for_each would visit nothing, as far as that costs next to nothing to tell.
    [[nodiscard]] bool may_hold(const HashedName& name) const {
        return kind_ == Kind::gnu ? bloom_may_hold(name.gnu) : kind_ == Kind::sysv;
    }

    // Calls `visit(index)` for each symbol of that name the hash table leads to, in chain order, until it returns true. The visitor looks
    // at definedness, binding and version itself. Returns what the last visit returned. Bounded; an object without a hash table is
    // never found, as with the loaders. `steps`, when given, grows by the entries looked at, so that a caller can bound many lookups.
    template <typename Visit>
    bool for_each(const HashedName& name, Visit&& visit, std::uint64_t* steps = nullptr) const {
        std::uint64_t unheard = 0;
        if (steps == nullptr) steps = &unheard;
        if (kind_ == Kind::gnu) return walk_gnu(name, visit, *steps);
        if (kind_ == Kind::sysv) return walk_sysv(name, visit, *steps);
        return false;
    }

private:
    enum class Kind : std::uint8_t { none, gnu, sysv };

    template <typename Visit>
    bool walk_gnu(const HashedName& name, Visit& visit, std::uint64_t& total) const {
        if (!bloom_may_hold(name.gnu)) return false;
        std::uint64_t index = word32(buckets_, name.gnu % bucket_count_);  // 32 bits: half the time of 64
        if (index < symbol_offset_) return false;
        for (std::uint64_t link = index - symbol_offset_;; ++link, ++index) {
            if (link >= chains_.size() / 4 || index >= symbols_.size()) return false;
            ++total;
            std::uint32_t hash = word32(chains_, link);
            if ((hash | 1) == (name.gnu | 1) && symbols_.is_named(index, name.text) && visit(index)) return true;
            if ((hash & 1) != 0) return false;
        }
    }

    template <typename Visit>
    bool walk_sysv(const HashedName& name, Visit& visit, std::uint64_t& total) const {
        std::uint64_t steps = 0;
        for (std::uint32_t index = word32(buckets_, sysv_hash(name.text) % bucket_count_); index != 0; index = word32(chains_, index)) {
            if (index >= symbols_.size() || index >= chains_.size() / 4 || ++steps > chains_.size() / 4) return false;
            ++total;
            if (symbols_.is_named(index, name.text) && visit(index)) return true;
        }
        return false;
    }

    [[nodiscard]] bool bloom_may_hold(std::uint32_t hash) const {
        // A word has 64 or 32 bits: shifts, because a division by either takes longer than all the rest.
        unsigned bits = encoding_.wide ? 6 : 5;
        std::uint32_t within = (1U << bits) - 1;
        // The loaders mask with bloom_words - 1; the word count is a power of two in every table that works.
        std::uint64_t index = (hash >> bits) & (bloom_words_ - 1);
        if (index >= bloom_words_) return false;
        std::uint64_t word = encoding_.wide ? load<std::uint64_t>(bloom_.data() + index * 8, encoding_.order) : word32(bloom_, index);
        unsigned second = bloom_shift_ < 32 ? hash >> bloom_shift_ & within : 0;
        return (word >> (hash & within) & word >> second & 1) != 0;
    }
    [[nodiscard]] std::uint32_t word32(const View& table, std::uint64_t index) const {
        return load<std::uint32_t>(table.data() + index * 4, encoding_.order);
    }

    SymbolTable symbols_;
    View bloom_, buckets_, chains_;
    std::uint32_t bucket_count_ = 0;
    std::uint64_t bloom_words_ = 0;
    std::uint64_t symbol_offset_ = 0;
    std::uint32_t bloom_shift_ = 0;
    Encoding encoding_;
    Kind kind_ = Kind::none;
};

// Number of dynamic symbols according to the hash tables; nothing when there is none, or it is unreadable or empty.
[[nodiscard]] std::optional<std::uint64_t> symbol_count_by_hash(const Image& image);

}  // namespace abiscope::elf
