// The resource tree, flattened to its leaves. Source: PE Format, "The .rsrc Section".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "bytes/view.h"
#include "finding/sink.h"

namespace abiscope::pe {

class Image;

// A number, or a name (then the number is 0).
struct ResourceId {
    std::uint32_t number = 0;
    View utf16;                    // the name as it stands in the file

    [[nodiscard]] bool named() const { return !utf16.empty(); }
    [[nodiscard]] std::string name() const;   // UTF-8
};

struct Resource {
    std::uint64_t offset = 0;      // of the data entry in the file on disk
    std::vector<ResourceId> path;  // type, name, language; four levels at most, Windows looks at three
    std::uint32_t rva = 0;
    std::uint32_t size = 0;
    std::uint32_t code_page = 0;
    View data;                     // as far as it is in the file

    // 0 when there is no such level, or it is a name.
    [[nodiscard]] std::uint32_t type() const { return path.empty() ? 0 : path[0].number; }
    [[nodiscard]] std::uint32_t language() const { return path.size() < 3 ? 0 : path[2].number; }
};

struct Resources {
    std::vector<Resource> resources;   // in tree order
    bool complete = true;
};

// Empty when the image has none. A directory that is reached twice (finding PE-RESOURCE-CYCLE) is walked once.
[[nodiscard]] Result<Resources> read_resources(const Image& image, finding::Sink& sink);

}  // namespace abiscope::pe
