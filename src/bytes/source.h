// Immutable bytes that live as long as anybody refers to them: a mapped file, a block of memory, or bytes made from a range of
// another Source (a decompressed section, a patched copy), which remember that range so that evidence can name an offset on disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bytes/view.h"

namespace abiscope {

class Source;
using SourcePtr = std::shared_ptr<const Source>;

class Source {
public:
    // Takes over the vector. `name` is what a person calls these bytes: a path, "-" or "archive.a(member.o)".
    [[nodiscard]] static SourcePtr from_memory(std::string name, std::vector<std::byte> bytes);

    // Bytes owned by somebody else; `release` is called once, when the last reference goes.
    [[nodiscard]] static SourcePtr from_foreign(std::string name, std::span<const std::byte> bytes, std::function<void()> release);

    // Bytes made from those of `parent` that start at `offset`. Every offset within them is reported as `offset` of the parent.
    [[nodiscard]] static SourcePtr from_parent(SourcePtr parent, std::uint64_t offset, std::vector<std::byte> bytes);

    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    ~Source();

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::uint64_t size() const { return bytes_.size(); }
    [[nodiscard]] View view() const;
    [[nodiscard]] const SourcePtr& parent() const { return parent_; }

private:
    Source() = default;

    std::string name_;
    std::vector<std::byte> owned_;
    std::span<const std::byte> bytes_;
    std::function<void()> release_;
    SourcePtr parent_;
    std::uint64_t parent_offset_ = 0;
};

}  // namespace abiscope
