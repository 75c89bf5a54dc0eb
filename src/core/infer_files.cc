#include "core/infer_files.h"

#include <algorithm>

#include "base/checked.h"
#include "core/spec.h"
#include "elf/spec.h"

namespace abiscope::core {

namespace {

constexpr std::uint64_t page = 4096;
constexpr std::size_t most_libraries = 4096;

class Inference {
public:
    Inference(const elf::Image& core, const Memory& memory, Files* files)
        : core_(core), memory_(memory), files_(files), word_(core.encoding().wide ? 8 : 4) {}

    // The image of the program whose headers the kernel put at `headers`.
    void add_program(const std::string& path, std::uint64_t headers) {
        auto file = open(path);
        std::uint64_t start = align_down(headers, page);
        auto image = file ? std::move(file) : mapped(start);
        if (!image) return;
        std::uint64_t at = image->header().phoff;
        for (const elf::Segment& segment : image->segments()) {
            if (segment.type == elf::pt_load && at >= segment.offset && at - segment.offset < segment.filesz) {
                std::uint64_t bias = headers - (segment.vaddr + (at - segment.offset));
                add(path, *image, bias);
                add_libraries(*image, bias);
                return;
            }
        }
    }

    [[nodiscard]] std::vector<MappedFile> take() {
        std::ranges::stable_sort(out_, {}, &MappedFile::start);
        return std::move(out_);
    }

private:
    [[nodiscard]] std::optional<elf::Image> open(const std::string& path) const {
        if (files_ == nullptr || path.empty()) return std::nullopt;
        auto source = files_->open(path);
        auto image = source ? elf::Image::parse(*source) : Result<elf::Image>(fail(source.error()));
        return image ? std::optional(*std::move(image)) : std::nullopt;
    }

    [[nodiscard]] std::optional<elf::Image> mapped(std::uint64_t start) const {
        const Region* region = memory_.region_at(start);
        if (region == nullptr || region->start != start || region->dumped.size() < 64) return std::nullopt;
        auto image = elf::Image::parse(core_.source(), region->dumped);
        return image ? std::optional(*std::move(image)) : std::nullopt;
    }

    void add(const std::string& path, const elf::Image& image, std::uint64_t bias) {
        for (const elf::Segment& segment : image.segments()) {
            if (segment.type != elf::pt_load || segment.filesz == 0 || segment.filesz > ~(segment.vaddr + bias) - page) continue;
            std::uint64_t start = align_down(segment.vaddr + bias, page);
            out_.push_back({.start = start,
                            .end = align_up(segment.vaddr + bias + segment.filesz, page),
                            .file_offset = align_down(segment.offset, page),
                            .path = path});
        }
    }

    void add_libraries(const elf::Image& program, std::uint64_t bias) {
        const elf::Segment* dynamic = program.segment(elf::pt_dynamic);
        if (dynamic == nullptr) return;
        std::uint64_t list = 0;
        for (std::uint64_t at = dynamic->vaddr + bias; at - dynamic->vaddr - bias < dynamic->memsz; at += 2 * word_) {
            auto tag = memory_.word(at), value = memory_.word(at + word_);
            if (!tag || !value || *tag == elf::dt_null) break;
            if (*tag == elf::dt_debug) list = memory_.word(*value + word_).value_or(0);   // r_debug.r_map, behind r_version
        }
        // link_map: l_addr, l_name, l_ld, l_next.
        for (std::size_t i = 0; i < most_libraries && list != 0; ++i) {
            auto offset = memory_.word(list), name = memory_.word(list + word_), next = memory_.word(list + 3 * word_);
            if (!offset || !name || !next) break;
            if (auto path = memory_.c_string(*name); path && path->starts_with('/')) add_library(*path, *offset);
            list = *next;
        }
    }

    void add_library(const std::string& path, std::uint64_t bias) {
        auto image = mapped(bias);   // a library starts at address 0, unless it was prelinked
        if (!image) image = open(path);
        if (image) add(path, *image, bias);
    }

    const elf::Image& core_;
    const Memory& memory_;
    Files* files_;
    std::uint64_t word_;
    std::vector<MappedFile> out_;
};

}  // namespace

std::vector<MappedFile> infer_files(const elf::Image& core, const CoreNotes& notes, const Memory& memory, Files* files,
                                    const std::string& program) {
    auto headers = notes.auxiliary_value(at_phdr);
    if (!headers) return {};
    std::string path = program;
    if (auto name = notes.auxiliary_value(at_execfn); name && path.empty()) path = memory.c_string(*name).value_or("");
    if (path.empty()) return {};
    Inference inference(core, memory, files);
    inference.add_program(path, *headers);
    return inference.take();
}

}  // namespace abiscope::core
