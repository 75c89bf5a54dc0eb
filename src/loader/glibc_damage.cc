#include "loader/glibc_damage.h"

#include <algorithm>

#include "bytes/reader.h"
#include "elf/spec.h"
#include "loader/load_address.h"

namespace abiscope::loader {

namespace {

const elf::Segment* first_of(const elf::Image& image, std::uint32_t type) {
    auto found = std::ranges::find(image.segments(), type, &elf::Segment::type);
    return found == image.segments().end() ? nullptr : &*found;
}

// sysdeps/generic/dl-prop.h and sysdeps/x86/dl-prop.h: notes of another alignment hold no properties, and are not read.
bool properties_lie_where_they_say(const elf::Image& image) {
    std::uint64_t alignment = image.encoding().wide ? 8 : 4;
    return std::ranges::all_of(image.segments(), [&](const elf::Segment& segment) {
        bool read = segment.type == elf::pt_note && segment.align == alignment && segment.memsz != 0;
        return !read || (segment.memsz == segment.filesz && lies_where_it_says(image, segment.vaddr, segment.offset));
    });
}

bool leaves_string_table(const elf::Dynamic& dynamic, std::uint64_t size) {
    return std::ranges::any_of(dynamic.entries, [&](const elf::DynamicEntry& entry) {
        bool name =
            entry.tag == elf::dt_needed || entry.tag == elf::dt_soname || entry.tag == elf::dt_rpath || entry.tag == elf::dt_runpath;
        return name && entry.value >= size;
    });
}

}  // namespace

std::optional<std::string_view> damaged(const elf::Image& image) {
    const elf::Dynamic& dynamic = *image.dynamic();
    const elf::Segment* segment = first_of(image, elf::pt_dynamic);
    if (segment != nullptr && !lies_where_it_says(image, segment->vaddr, segment->offset))
        return "what lies at the address of PT_DYNAMIC, which is not where its offset is";
    if (image.cut_off_segment() != nullptr) return "what works without the rest of a segment: the file ends within it";
    if (std::ranges::count(image.segments(), elf::pt_dynamic, &elf::Segment::type) > 1)
        return "which dynamic section is meant: there is more than one PT_DYNAMIC";
    for (const elf::Segment& load : image.segments()) {
        if (load.type != elf::pt_load || load.memsz == 0) continue;
        if (!load.readable() && !load.executable()) return "what needs the segment that can neither be read nor executed";
        if (load.filesz > load.memsz) return "what lies in the segment that is longer in the file than in memory";
    }
    if (image.interpreter() && !headers_lie_where_they_say(image))
        return "where glibc takes the program to be loaded: PT_PHDR is not the address of the program headers";
    if (image.interpreter() && !properties_lie_where_they_say(image))
        return "which properties the loader reads: what lies at the address of PT_NOTE is not where its offset is, or not as long";
    if (const elf::Segment* tls = first_of(image, elf::pt_tls)) {
        // elf/dl-tls.c: assert (map->l_tls_blocksize >= map->l_tls_initimage_size)
        if (tls->filesz > tls->memsz)
            return "in which line the loader's assertion is that PT_TLS is no smaller than what the file holds of it";
        if (tls->memsz != 0 && ((tls->align & (tls->align - 1)) != 0 || tls->align == 0))
            return "where thread-local storage lies: the alignment of PT_TLS is no power of two";
        if (tls->filesz != 0 && !lies_where_it_says(image, tls->vaddr, tls->offset))
            return "what thread-local storage starts with: what lies at the address of PT_TLS is not where its offset is";
    }
    if (const elf::Segment* interpreter = first_of(image, elf::pt_interp);
        interpreter != nullptr && !lies_where_it_says(image, interpreter->vaddr, interpreter->offset))
        return "which name the loader takes for its own: what lies at the address of PT_INTERP is not where its offset is";
    if (const elf::Segment* frames = first_of(image, elf::pt_gnu_eh_frame);
        frames != nullptr && frames->filesz != 0 && !lies_where_it_says(image, frames->vaddr, frames->offset))
        return "what the program holds: what lies at the address of PT_GNU_EH_FRAME is not where its offset is";
    if (const elf::Segment* relro = first_of(image, elf::pt_gnu_relro)) {
        const elf::Segment* load = image.load_segment_at(relro->vaddr);
        constexpr std::uint64_t page = 0x1000, largest_page = 0x10000;
        bool whole_pages = relro->vaddr / page != (relro->vaddr + relro->memsz) / page;     // else nothing is protected
        if (whole_pages && (load == nullptr || relro->vaddr - load->vaddr + relro->memsz > load->memsz + largest_page))
            return "whether all of PT_GNU_RELRO, which leaves its segment, can be made read-only";
    }
    if (auto table = dynamic.value(elf::dt_rela)) {
        if (!dynamic.has(elf::dt_relaent))
            return "what glibc's loader does without DT_RELAENT, which it reads without asking whether it is there";
        // elf/dynamic-link.h, _ELF_DYNAMIC_DO_RELOC(), and elf/do-rel.h, which multiplies the count without a look at the table's size.
        if (*table == 0 && dynamic.value(elf::dt_relasz).value_or(0) != 0)
            return "what works without the relocations of DT_RELA: glibc passes over a table at address 0";
        constexpr std::uint64_t most = std::uint64_t{1} << 32;
        if (dynamic.value(elf::dt_relacount).value_or(0) > most)
            return "which relocations glibc applies: DT_RELACOUNT leads its count around the end of the address space";
    }
    if (auto size = dynamic.value(elf::dt_strsz); size && leaves_string_table(dynamic, *size))
        return "what lies behind the string table, where a name of the dynamic section is";
    if (dynamic.has(elf::dt_verneed) && !dynamic.has(elf::dt_versym)) return "what glibc's loader does with DT_VERNEED and no DT_VERSYM";
    if (auto hash = dynamic.value(elf::dt_gnu_hash)) {
        Reader reader(image.view_at(*hash, 12), image.encoding().order, "DT_GNU_HASH");
        reader.skip(8);
        // elf/dl-setup_hash.c: assert ((bitmask_nwords & (bitmask_nwords - 1)) == 0)
        if (std::uint32_t words = reader.u32(); reader.ok() && (words & (words - 1)) != 0)
            return "in which line the loader's assertion is that the words of DT_GNU_HASH's filter are a power of two";
    }
    return std::nullopt;
}

}  // namespace abiscope::loader
