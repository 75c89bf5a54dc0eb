#include "core/module.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "base/checked.h"
#include "base/text.h"
#include "bytes/limits.h"
#include "core/spec.h"
#include "elf/notes.h"
#include "elf/spec.h"

namespace abiscope::core {

namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t most_compared = 1 << 20;   // bytes of one mapping

std::string build_id_of(const elf::Image& image, const std::vector<elf::Section>* sections = nullptr) {
    for (const elf::Note& note : elf::read_notes(image, sections)) {
        if (note.name == "GNU" && note.type == elf::nt_gnu_build_id) return text::hex_bytes(note.descriptor.bytes(), "");
    }
    return {};
}

// The address in memory of file address 0, when the start of the file is mapped at `start`.
std::uint64_t bias_of(const elf::Image& image, std::uint64_t start) {
    for (const elf::Segment& segment : image.segments()) {
        if (segment.type == elf::pt_load && segment.offset < page) return start - (segment.vaddr - segment.offset);
    }
    return start;
}

// Mappings of one file. A file mapped twice from its start is two modules.
std::vector<Module> list(const CoreNotes& notes) {
    std::vector<Module> out;
    std::map<std::string_view, std::size_t> latest;
    for (const MappedFile& file : notes.files) {
        auto known = latest.find(file.path);
        if (out.size() >= default_limits.libraries) break;
        if (file.file_offset == 0 && (known == latest.end() || out[known->second].end <= file.start)) {
            // The same start mapped again right behind is a segment that shares the first page.
            if (known == latest.end() || out[known->second].end != file.start) {
                latest[file.path] = out.size();
                Module module;
                module.path = file.path;
                module.start = file.start;
                module.end = file.end;
                out.push_back(std::move(module));
                continue;
            }
        }
        if (known != latest.end()) out[known->second].end = std::max(out[known->second].end, file.end);
    }
    return out;
}

class Finder {
public:
    Finder(const elf::Image& core, Memory& memory, Files* files) : core_(core), memory_(memory), files_(files) {}

    // False when the mapping does not hold an ELF file as far as that is known.
    bool identify(Module& module) {
        View first = memory_.chunk(module.start).bytes;
        const Region* region = memory_.region_at(module.start);
        if (region == nullptr) return false;
        if (first.size() < 64) return has_code(module);
        first = first.clamped(0, std::max<std::uint64_t>(region->dumped.size(), 64));
        if (!first.starts_with("\x7f"
                               "ELF"))
            return false;
        auto mapped = elf::Image::parse(core_.source(), first);
        if (!mapped) return false;
        module.build_id = build_id_of(*mapped);
        module.bias = bias_of(*mapped, module.start);
        return true;
    }

    void find(Module& module, const std::string& preferred) {
        if (files_ == nullptr) return;
        std::vector<std::string> candidates;
        if (!preferred.empty()) candidates.push_back(preferred);
        constexpr std::string_view deleted = " (deleted)";
        std::string path = module.path;
        if (path.ends_with(deleted)) path.resize(path.size() - deleted.size());
        candidates.push_back(path);
        for (const std::string& candidate : candidates) {
            auto source = files_->open(candidate);
            if (!source) continue;
            auto image = elf::Image::parse(*source);
            if (!image) continue;
            FileState state = compare(module, *image);
            // The first refusal is the one to tell of.
            if (!is_usable(state) && module.state != FileState::not_found) continue;
            module.state = state;
            module.opened = candidate;
            if (!is_usable(state)) continue;
            module.bias = bias_of(*image, module.start);
            module.image.emplace(std::move(*image));
            back(module);
            return;
        }
    }

private:
    // Where the first page is not known, a file with code is taken for a program or library.
    [[nodiscard]] bool has_code(const Module& module) const {
        return std::ranges::any_of(memory_.regions(), [&](const Region& region) {
            if (!region.executable() || !module.holds(region.start)) return false;
            const MappedFile* file = memory_.file_at(region.start);
            return file != nullptr && file->path == module.path;
        });
    }

    FileState compare(Module& module, const elf::Image& file) {
        std::string id = build_id_of(file);
        if (module.file_build_id.empty()) module.file_build_id = id;
        if (!module.build_id.empty() && !id.empty()) {
            if (module.build_id != id) return FileState::other_build_id;
            module.file_build_id = id;
            return FileState::same_build_id;
        }
        Chunk mapped = memory_.chunk(module.start);
        if (mapped.origin != Origin::dump || mapped.bytes.size() < 64) return compare_contents(module, file);
        View ours = mapped.bytes.clamped(0, page);
        View theirs = file.bytes().clamped(0, ours.size());
        bool same = theirs.size() >= 64 && std::memcmp(ours.data(), theirs.data(), theirs.size()) == 0;
        return same ? FileState::same_header : FileState::other_header;
    }

    // The mapping of the module's file that the region is, or null.
    [[nodiscard]] const MappedFile* mapping_of(const Module& module, const Region& region) const {
        if (region.end <= module.start || region.start >= module.end) return nullptr;
        const MappedFile* mapped = memory_.file_at(region.start);
        return mapped != nullptr && mapped->path == module.path ? mapped : nullptr;
    }

    // The dynamic loader writes to it before it makes it read-only (PT_GNU_RELRO).
    static bool written_at_start(const elf::Image& file, const MappedFile& mapped) {
        return std::ranges::any_of(file.segments(), [&](const elf::Segment& segment) {
            bool holds = align_down(segment.offset, page) <= mapped.file_offset && mapped.file_offset < segment.offset + segment.filesz;
            return segment.type == elf::pt_load && (segment.flags & elf::pf_w) != 0 && holds;
        });
    }

    // Of the segment whose pages an offset of the file lies in.
    static std::uint32_t flags_at(const elf::Image& file, std::uint64_t offset) {
        for (const elf::Segment& segment : file.segments()) {
            if (segment.type == elf::pt_load && align_down(segment.offset, page) <= offset && offset < segment.offset + segment.filesz)
                return segment.flags;
        }
        return elf::pf_r;
    }

    // By what the dump has of read-only mappings, where it does not have the first page (qemu-user leaves out code alone).
    [[nodiscard]] FileState compare_contents(const Module& module, const elf::Image& file) const {
        std::uint64_t compared = 0;
        for (const Region& region : memory_.regions()) {
            const MappedFile* mapped = mapping_of(module, region);
            if (mapped == nullptr || region.writable() || written_at_start(file, *mapped)) continue;
            View ours = region.dumped.clamped(0, std::min(mapped->end - region.start, most_compared));
            View theirs = file.bytes().clamped(mapped->file_offset + (region.start - mapped->start), ours.size());
            if (ours.empty()) continue;
            if (theirs.size() != ours.size() || std::memcmp(ours.data(), theirs.data(), ours.size()) != 0) return FileState::other_header;
            compared += ours.size();
        }
        return compared >= page ? FileState::same_contents : FileState::unproven;
    }

    // What the dump leaves out of a private mapping was never changed (Linux, fs/coredump.c: vma_dump_size).
    void back(const Module& module) {
        for (const Region& region : memory_.regions()) {
            const MappedFile* mapped = mapping_of(module, region);
            if (mapped == nullptr) continue;
            View bytes = module.image->bytes().clamped(mapped->file_offset + (region.start - mapped->start), region.end - region.start);
            if (!bytes.empty()) memory_.back(region.start, bytes);
            if (region.noted) memory_.permit(region.start, flags_at(*module.image, mapped->file_offset + (region.start - mapped->start)));
        }
    }

    const elf::Image& core_;
    Memory& memory_;
    Files* files_;
};

void add_vdso(const elf::Image& core, const CoreNotes& notes, const Memory& memory, std::vector<Module>& out) {
    auto address = notes.auxiliary_value(at_sysinfo_ehdr);
    const Region* region = address ? memory.region_at(*address) : nullptr;
    if (region == nullptr || region->start != *address || region->dumped.empty()) return;
    auto image = elf::Image::parse(core.source(), region->dumped);
    if (!image) return;
    Module module;
    module.path = "[vdso]";
    module.start = region->start;
    module.end = region->end;
    module.bias = bias_of(*image, module.start);
    module.build_id = build_id_of(*image);
    module.state = FileState::in_dump;
    module.image.emplace(std::move(*image));
    out.push_back(std::move(module));
}

}  // namespace

std::string_view to_string(FileState state) {
    switch (state) {
        case FileState::same_build_id: return "same_build_id";
        case FileState::same_header: return "same_header";
        case FileState::same_contents: return "same_contents";
        case FileState::in_dump: return "in_dump";
        case FileState::other_build_id: return "other_build_id";
        case FileState::other_header: return "other_header";
        case FileState::unproven: return "unproven";
        case FileState::not_found: return "not_found";
    }
    return "not_found";
}

std::string_view Module::name() const { return text::base_name(path); }

std::vector<Module> find_modules(const elf::Image& core, const CoreNotes& notes, Memory& memory, Files* files,
                                 const ModuleOptions& options) {
    std::vector<Module> modules = list(notes);
    Finder finder(core, memory, files);
    std::erase_if(modules, [&](Module& module) { return !finder.identify(module); });
    auto headers = notes.auxiliary_value(at_phdr);
    for (Module& module : modules) {
        module.is_program = headers && module.holds(*headers);
        finder.find(module, module.is_program ? options.program : std::string());
    }
    add_vdso(core, notes, memory, modules);
    std::ranges::stable_sort(modules, {}, &Module::start);
    return modules;
}

}  // namespace abiscope::core
