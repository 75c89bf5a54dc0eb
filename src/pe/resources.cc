#include "pe/resources.h"

#include <unordered_set>

#include <fmt/format.h>

#include "bytes/reader.h"
#include "pe/damage.h"
#include "pe/image.h"
#include "pe/utf16.h"

namespace abiscope::pe {

namespace {

constexpr std::uint32_t high_bit = 0x8000'0000;
constexpr std::uint64_t directory_size = 16;
constexpr std::uint64_t entry_size = 8;
constexpr std::size_t most_levels = 4;

class ResourceWalk {
public:
    ResourceWalk(const Image& image, View tree, finding::Sink& sink) : image_(image), tree_(tree), sink_(sink) {}

    Resources run() {
        walk(0);
        return std::move(resources_);
    }

private:
    void damaged(std::uint64_t at, std::string reading, std::string problem) {
        if (resources_.complete) {
            report_damage(sink_, "resource tree",
                          finding::Evidence::value("pe/resources", tree_.file_offset(at), entry_size, std::move(reading)),
                          std::move(problem));
        }
        resources_.complete = false;
    }

    void walk(std::uint64_t at) {
        if (!seen_.insert(at).second) {
            resources_.complete = false;
            if (!cycle_told_) {
                sink_.add(finding::Finding(finding::RuleId::PE_RESOURCE_CYCLE,
                                           finding::Evidence::value("pe/resources", tree_.file_offset(at), directory_size,
                                                                    fmt::format("directory at {:#x} of the tree", at)))
                              .with("directory", finding::Address{at}));
            }
            cycle_told_ = true;
            return;
        }
        if (path_.size() >= most_levels) return damaged(at, fmt::format("level {}", path_.size()), "the tree is too deep");
        Reader reader(tree_.from(at), Endian::little, "a resource directory");
        reader.skip(12);
        std::uint64_t claimed = std::uint64_t{reader.u16()} + reader.u16();
        if (!reader.ok()) return damaged(at, "directory", "a directory is not in the file");
        std::uint64_t held = reader.remaining() / entry_size;
        if (held < claimed) damaged(at, fmt::format("{} entries claimed, {} in the file", claimed, held), "a directory runs past the end");
        for (std::uint64_t i = 0; i < std::min(claimed, held); ++i) {
            std::uint32_t id = reader.u32();
            std::uint32_t target = reader.u32();
            path_.push_back(read_id(id));
            if ((target & high_bit) != 0) walk(target & ~high_bit);
            else add_leaf(target);
            path_.pop_back();
        }
    }

    ResourceId read_id(std::uint32_t id) {
        if ((id & high_bit) == 0) return {.number = id, .utf16 = {}};
        std::uint64_t at = id & ~high_bit;
        Reader reader(tree_.from(at), Endian::little, "a resource name");
        View name = reader.bytes(reader.u16() * std::uint64_t{2});
        if (!reader.ok()) damaged(at, "name", "a name is not in the file");
        return {.number = 0, .utf16 = name};
    }

    void add_leaf(std::uint64_t at) {
        Reader reader(tree_.from(at), Endian::little, "a resource data entry");
        Resource resource{.offset = reader.file_offset(), .path = path_};
        resource.rva = reader.u32();
        resource.size = reader.u32();
        resource.code_page = reader.u32();
        if (!reader.ok()) return damaged(at, "data entry", "a data entry is not in the file");
        resource.data = image_.from_rva(resource.rva).clamped(0, resource.size);
        if (resource.data.size() < resource.size) {
            damaged(at, fmt::format("{} bytes at RVA {:#x}, {} in the file", resource.size, resource.rva, resource.data.size()),
                    "the data of a resource is not in the file");
        }
        resources_.resources.push_back(std::move(resource));
    }

    const Image& image_;
    View tree_;
    finding::Sink& sink_;
    std::unordered_set<std::uint64_t> seen_;
    std::vector<ResourceId> path_;
    Resources resources_;
    bool cycle_told_ = false;
};

}  // namespace

std::string ResourceId::name() const { return utf16_to_utf8(utf16); }

Result<Resources> read_resources(const Image& image, finding::Sink& sink) {
    auto directory = image.directory(Directory::resources);
    if (!directory) return Resources{};
    // Offsets within the tree may lead beyond the directory's Size: packers move the data and leave Size as it was.
    View tree = image.from_rva(directory->rva);
    if (tree.empty()) return fail(image.directory_bytes(Directory::resources, "resource directory").error());
    return ResourceWalk(image, tree, sink).run();
}

}  // namespace abiscope::pe
