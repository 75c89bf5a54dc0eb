#include "bytes/source.h"

#include <utility>

namespace abiscope {

SourcePtr Source::from_memory(std::string name, std::vector<std::byte> bytes) {
    std::shared_ptr<Source> source(new Source);
    source->name_ = std::move(name);
    source->owned_ = std::move(bytes);
    source->bytes_ = source->owned_;
    return source;
}

SourcePtr Source::from_foreign(std::string name, std::span<const std::byte> bytes, std::function<void()> release) {
    std::shared_ptr<Source> source(new Source);
    source->name_ = std::move(name);
    source->bytes_ = bytes;
    source->release_ = std::move(release);
    return source;
}

SourcePtr Source::from_parent(SourcePtr parent, std::uint64_t offset, std::vector<std::byte> bytes) {
    std::shared_ptr<Source> source(new Source);
    source->name_ = parent->name();
    source->owned_ = std::move(bytes);
    source->bytes_ = source->owned_;
    source->parent_offset_ = parent->view().file_offset(offset);
    source->parent_ = std::move(parent);
    return source;
}

Source::~Source() {
    if (release_) release_();
}

View Source::view() const { return {bytes_, parent_offset_, parent_ != nullptr}; }

}  // namespace abiscope
