#include "inspect/go_subjects.h"

#include <fmt/format.h>

#include "golang/program.h"
#include "macho/fat.h"
#include "object/detect.h"
#include "object/go_memory.h"

namespace abiscope::inspect {

namespace {

template <typename Image>
GoSubject subject_of(const Image& image, std::string slice) {
    GoSubject out;
    out.slice = std::move(slice);
    out.memory = std::make_unique<golang::RangeMemory>(object::go_memory(image));
    out.build = golang::read_build_info(*out.memory);
    return out;
}

Result<std::vector<GoSubject>> fat_subjects(const SourcePtr& source, finding::Sink& sink) {
    ABISCOPE_TRY(macho::FatFile fat, macho::read_fat(source, source->view(), sink));
    std::vector<GoSubject> out;
    for (const macho::FatSlice& slice : fat.slices) {
        if (auto image = macho::Image::parse(source, slice.bytes, sink)) out.push_back(subject_of(*image, slice.arch()));
    }
    return out;
}

template <typename T>
Result<std::vector<GoSubject>> single(const Result<T>& image) {
    if (!image) return fail(Error(image.error()));
    std::vector<GoSubject> out;
    out.push_back(subject_of(*image, {}));
    return out;
}

}  // namespace

Result<std::vector<GoSubject>> go_subjects(const SourcePtr& source, finding::Sink& sink) {
    object::Detected detected = object::detect(source->view());
    switch (detected.kind) {
        case object::FileKind::elf:
        case object::FileKind::elf_truncated: return single(elf::Image::parse(source));
        case object::FileKind::pe: return single(pe::Image::parse(source, source->view(), sink));
        case object::FileKind::macho: return single(macho::Image::parse(source, source->view(), sink));
        case object::FileKind::macho_fat: return fat_subjects(source, sink);
        default: break;
    }
    return fail(ErrorCode::unsupported, fmt::format("not a program but {}", object::describe(detected)));
}

void infer_go(const golang::Memory& memory, Card& card, finding::Sink& sink) {
    auto program = golang::Program::open(memory, std::nullopt, sink);
    if (!program) return;
    const golang::Version& version = program->version();
    card.go.emplace();
    card.go->version = version.text.empty() ? "go" + version.shape.to_string() : version.text;
    card.go->file_offset = version.file_offset.value_or(0);
    card.identity.push_back({"go_version_source", "Go version",
                             fmt::format("by {}; no build information", golang::to_string(version.source)), version.file_offset});
}

}  // namespace abiscope::inspect
