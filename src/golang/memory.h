// The memory of a Go program as its readers want it: a file as it would be loaded, a core dump, or bytes of a test.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bytes/endian.h"
#include "bytes/source.h"
#include "bytes/view.h"

namespace abiscope::golang {

// A run of memory and what is known of its contents; `bytes` may be shorter than `size`: the rest is zero-filled or not in the file.
struct MemoryRange {
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    View bytes;
    bool writable = false;
    bool executable = false;
};

// Addresses are the program's own. Relative relocations are applied: a pointer that is read leads where it leads in the running program.
class Memory {
public:
    virtual ~Memory() = default;

    [[nodiscard]] Endian order() const { return order_; }
    [[nodiscard]] unsigned word() const { return word_; }   // bytes of a pointer: 4 or 8

    // The bytes from `address` on, as far as they follow each other; empty when there are none.
    [[nodiscard]] virtual View at(std::uint64_t address) const = 0;

    // Everything there is, by rising address; what the searches look through.
    [[nodiscard]] virtual std::span<const MemoryRange> ranges() const = 0;

    // Nothing when these bytes are not all there.
    template <std::integral T>
    [[nodiscard]] std::optional<T> integer(std::uint64_t address) const {
        View bytes = at(address);
        if (bytes.size() < sizeof(T)) return std::nullopt;
        return load<T>(bytes.data(), order_);
    }
    [[nodiscard]] std::optional<std::uint64_t> pointer(std::uint64_t address) const {
        if (word_ == 8) return integer<std::uint64_t>(address);
        if (auto narrow = integer<std::uint32_t>(address)) return *narrow;
        return std::nullopt;
    }
    // `size` bytes, or nothing.
    [[nodiscard]] std::optional<View> bytes(std::uint64_t address, std::uint64_t size) const { return at(address).try_slice(0, size); }

    // Of a Go string's header: pointer, length.
    [[nodiscard]] std::optional<std::string_view> string(std::uint64_t header) const;

protected:
    Memory(Endian order, unsigned word) : order_(order), word_(word) {}
    Memory(const Memory&) = default;
    Memory& operator=(const Memory&) = default;

private:
    Endian order_;
    unsigned word_;
};

// Ranges that lie side by side in this process: a file, or the bytes of a test.
class RangeMemory final : public Memory {
public:
    // Of ranges that overlap the one that starts last holds an address. `keep` holds the bytes that were made for them (relocated data).
    RangeMemory(Endian order, unsigned word, std::vector<MemoryRange> ranges, std::vector<SourcePtr> keep = {});

    [[nodiscard]] View at(std::uint64_t address) const override;
    [[nodiscard]] std::span<const MemoryRange> ranges() const override { return ranges_; }

private:
    std::vector<MemoryRange> ranges_;
    std::vector<SourcePtr> keep_;
};

}  // namespace abiscope::golang
