#include "target/profile.h"

#include <cerrno>
#include <cstring>

#include <gtest/gtest.h>

#include "bytes/mapped_file.h"
#include "elf/exports.h"
#include "elf/imports.h"
#include "elf/notes.h"
#include "elf/relocations.h"
#include "elf/versions.h"
#include "target/host.h"
#include "target/memory_file_system.h"
#include "target/root_facts.h"
#include "target/root_file_system.h"
#include "target/skeleton.h"

namespace abiscope::target {
namespace {

constexpr Credentials root{};

SourcePtr bytes_of(const FileSystem& files, std::string_view path) {
    auto contents = files.open(path, root);
    if (!contents) return nullptr;
    const auto* source = std::get_if<SourcePtr>(&*contents);
    return source != nullptr ? *source : nullptr;
}

// Everything a loader asks of a file, as text.
std::string reading(const SourcePtr& source) {
    auto image = elf::Image::parse(source);
    if (!image) return "not ELF: " + std::to_string(source->size());
    std::string all = std::to_string(image->header().machine) + ' ' + std::to_string(source->size()) + ' ';
    all += std::string(image->interpreter().value_or("-")) + '\n';
    for (const elf::Segment& segment : image->segments()) {
        for (std::uint64_t number : {std::uint64_t{segment.type}, std::uint64_t{segment.flags}, segment.offset, segment.vaddr,
                                     segment.filesz, segment.memsz, segment.align}) {
            all += std::to_string(number) + ' ';
        }
    }
    if (image->dynamic()) {
        for (const elf::DynamicEntry& entry : image->dynamic()->entries)
            all += std::to_string(entry.tag) + '=' + std::to_string(entry.value) + ' ';
        for (std::uint64_t tag : {elf::dt_soname, elf::dt_rpath, elf::dt_runpath, elf::dt_needed}) {
            for (const elf::DynamicString& text : image->dynamic()->strings_of(tag)) all += std::string(text.text) + ' ';
        }
    }
    elf::Versions versions = elf::read_versions(*image);
    for (const elf::VersionNeed& need : versions.needs) {
        for (const elf::NeededVersion& version : need.versions) all += std::string(need.library) + ':' + std::string(version.name) + ' ';
    }
    for (const elf::DefinedVersion& definition : versions.definitions) {
        all += std::string(definition.name) + '#' + std::to_string(definition.hash) + ' ';
        for (std::string_view parent : definition.parents) all += std::string(parent) + ' ';
    }
    elf::ExportTable exports(*image);
    const elf::SymbolTable& symbols = exports.symbols();
    for (std::uint64_t i = 0; i < symbols.size(); ++i) {
        elf::Symbol symbol = symbols.at(i);
        all += std::string(symbol.name) + '@' + std::to_string(versions.index_of(i)) + '=' + std::to_string(symbol.value) + '+' +
            std::to_string(symbol.size) + '/' + std::to_string(symbol.info) + ' ';
        if (!symbol.name.empty() && symbol.defined()) {
            all += exports.for_each(elf::HashedName(symbol.name), [](std::uint64_t) { return true; }) ? "found " : "hidden ";
        }
    }
    for (const elf::RelocationRange& range : elf::relocation_ranges(*image)) {
        all += std::to_string(range.size()) + ' ';
        for (std::uint64_t i = 0; i < range.size(); ++i) {
            elf::Relocation relocation = elf::relocation_at(*image, range, i);
            bool relative = elf::role_of(image->header().machine, relocation.type) == elf::RelocationRole::relative;
            all += std::to_string(relocation.offset) + ',' + std::to_string(relocation.type) + ',' + std::to_string(relocation.symbol) +
                ',' + (relative ? "-" : std::to_string(relocation.addend)) + ' ';
        }
    }
    all += std::to_string(elf::read_relr(*image).places) + '\n';
    elf::KnownNotes notes = elf::known_notes(*image, elf::read_notes(*image));
    all += std::to_string(notes.x86_isa_needed.value_or(0)) + ' ' + std::to_string(notes.build_id.size()) + ' ' +
        std::to_string(notes.x86_features);
    constexpr std::uint64_t looked_at = 72;   // by the kernel's simulation, where the program starts
    all += image->view_at(image->header().entry, looked_at).as_text();
    return all;
}

SourcePtr round_trip(const SourcePtr& source) {
    Skeleton skeleton = make_skeleton(source);
    std::vector<PlacedRange> ranges;
    ranges.reserve(skeleton.ranges.size());
    for (const KeptRange& range : skeleton.ranges) ranges.push_back({range.offset, View(range.bytes, 0)});
    auto restored = restore(source->name(), skeleton.size, ranges);
    return restored ? *restored : nullptr;
}

TEST(Skeleton, ReadsLikeTheFileForHundredsOfLibraries) {
    auto files = RootFileSystem::open_root("/");
    ASSERT_TRUE(files);
    int compared = 0;
    std::uint64_t kept = 0, whole = 0;
    for (const char* folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/bin", "/lib64"}) {
        for (const std::string& name : (*files)->list(folder)) {
            if (compared >= 400) break;
            std::string path = std::string(folder) + '/' + name;
            auto node = (*files)->node((*files)->real_path(folder).value_or("") + '/' + name);
            constexpr std::uint64_t most = 8 << 20;
            if (!node || node->is_link || node->status.kind != FileKind::regular || node->status.size > most) continue;
            SourcePtr source = bytes_of(**files, path);
            if (!source ||
                !source->view().starts_with("\x7f"
                                            "ELF"))
                continue;
            SourcePtr restored = round_trip(source);
            ASSERT_NE(restored, nullptr);
            ASSERT_EQ(reading(restored), reading(source)) << path;
            for (const KeptRange& range : make_skeleton(source).ranges) kept += range.bytes.size();
            whole += source->size();
            ++compared;
        }
    }
    EXPECT_GE(compared, 200);
    EXPECT_LT(kept * 2, whole);
}

TEST(Skeleton, KeepsTheHeadOfOtherFiles) {
    std::vector<std::byte> text(2000, std::byte{'x'});
    auto restored = round_trip(Source::from_memory("script", text));
    ASSERT_NE(restored, nullptr);
    EXPECT_EQ(restored->size(), 2000U);
    EXPECT_EQ(restored->view().as_text().substr(0, 512), std::string(512, 'x'));
    EXPECT_EQ(round_trip(Source::from_memory("empty", {}))->size(), 0U);
}

// A root with what matters, made of this test program's own bytes.
Target made_root() {
    auto files = std::make_shared<MemoryFileSystem>();
    SourcePtr self = *open_file("/proc/self/exe");
    (void)files->add_file("/usr/lib64/libone.so.1.0", self);
    (void)files->add_link("/usr/lib64/libone.so.1", "libone.so.1.0");
    (void)files->add_link("/lib64", "usr/lib64");
    (void)files->add_file("/usr/lib64/glibc-hwcaps/x86-64-v3/libone.so.1", self, {0644, 5, 6, 77});
    (void)files->add_file("/usr/lib64/script", "GROUP ( x )");
    (void)files->add_file("/opt/extra/deep/file", "deep", {0600, 9, 9, 0});
    (void)files->add_file("/opt/vendor/lib/libv.so", self);
    (void)files->add_link("/usr/lib64/libalt.so", "/etc/alternatives/libalt");
    (void)files->add_link("/etc/alternatives/libalt", "/opt/vendor/lib/libv.so");
    (void)files->add_file("/etc/ld.so.conf", "include conf.d/*.conf\n");
    (void)files->add_file("/etc/conf.d/x.conf", "/opt/vendor/lib # here\n");
    (void)files->add_file("/etc/os-release", "ID=made\nPRETTY_NAME=Made\n");
    Target target;
    target.name = "made";
    target.title = "Made";
    target.architecture = Architecture::amd64;
    target.kernel.version = Version{5, 10};
    target.kernel.binfmt.push_back(
        {.name = "wine", .interpreter = "/usr/bin/wine", .magic = std::string("MZ\0", 3), .mask = {}, .extension = {}});
    target.kernel.binfmt_known = true;
    target.libc.kind = LibcKind::glibc;
    target.libc.version = Version{2, 36};
    target.libc.directories = {"/lib64", "/usr/lib64"};
    target.libc.loader = "/lib64/ld-linux-x86-64.so.2";
    target.environment = {{"LD_LIBRARY_PATH", "/opt/vendor/lib"}};
    target.user = {7, 8};
    target.files = files;
    return target;
}

TEST(Profile, AnswersLikeTheRootItWasTakenFrom) {
    Target made = made_root();
    CaptureSummary summary;
    auto bytes = capture(made, {.paths = {"/opt/extra"}}, summary);
    ASSERT_TRUE(bytes) << bytes.error().describe();
    auto opened = open_profile(Source::from_memory("made.profile", *bytes));
    ASSERT_TRUE(opened) << opened.error().describe();
    EXPECT_EQ(opened->title, "Made");
    EXPECT_EQ(opened->kernel.version, (Version{5, 10}));
    ASSERT_EQ(opened->kernel.binfmt.size(), 1U);
    EXPECT_EQ(opened->kernel.binfmt[0].magic, std::string("MZ\0", 3));
    EXPECT_EQ(opened->libc.directories, made.libc.directories);
    EXPECT_EQ(opened->variable("LD_LIBRARY_PATH"), "/opt/vendor/lib");
    EXPECT_EQ(opened->user, made.user);
    for (const char* path :
         {"/lib64/libone.so.1", "/lib64/glibc-hwcaps/x86-64-v3/libone.so.1", "/lib64/libalt.so", "/opt/vendor/lib/libv.so", "/lib64",
          "/lib64/missing", "/opt/extra/deep/file", "/opt/extra/deep/none", "/lib64/script/x", "/etc/os-release"}) {
        for (Credentials who : {Credentials{}, Credentials{1000, 1000}}) {
            auto wanted = made.files->status(path, who), had = opened->files->status(path, who);
            ASSERT_EQ(wanted.has_value(), had.has_value()) << path;
            if (!wanted) {
                EXPECT_EQ(wanted.error(), had.error()) << path;
                continue;
            }
            EXPECT_EQ(wanted->mode, had->mode) << path;
            EXPECT_EQ(wanted->uid, had->uid) << path;
            EXPECT_EQ(wanted->size, had->size) << path;
            EXPECT_EQ(wanted->modified, had->modified) << path;
        }
        EXPECT_EQ(made.files->real_path(path).value_or("-"), opened->files->real_path(path).value_or("-"));
    }
    EXPECT_EQ(reading(bytes_of(*opened->files, "/lib64/libalt.so")), reading(bytes_of(*made.files, "/lib64/libalt.so")));
    EXPECT_EQ(read_text(*opened->files, "/etc/os-release"), "ID=made\nPRETTY_NAME=Made\n");
    EXPECT_FALSE(opened->files->complete());
    EXPECT_TRUE(opened->files->complete_in("/lib64"));
    EXPECT_TRUE(opened->files->complete_in("/nowhere/at/all"));
    EXPECT_TRUE(opened->files->complete_in("/opt/vendor"));
    EXPECT_FALSE(opened->files->complete_in("/etc/alternatives"));
    EXPECT_FALSE(opened->files->complete_in("/etc/other"));
}

TEST(Profile, CutOffOrChangedGivesAnErrorNotACrash) {
    Target made = made_root();
    auto small = std::make_shared<MemoryFileSystem>();
    ASSERT_TRUE(small->add_file("/lib64/libx.so",
                                "\x7f"
                                "ELF and no more"));
    made.files = small;
    CaptureSummary summary;
    auto bytes = capture(made, {}, summary);
    ASSERT_TRUE(bytes);
    ASSERT_TRUE(open_profile(Source::from_memory("p", *bytes)));
    for (std::size_t size = 0; size < bytes->size(); ++size) {
        auto opened = open_profile(Source::from_memory("p", {bytes->begin(), bytes->begin() + static_cast<std::ptrdiff_t>(size)}));
        ASSERT_FALSE(opened) << size;
        EXPECT_EQ(opened.error().file, "p");
    }
    for (std::size_t at = 0; at < bytes->size(); ++at) {
        std::vector<std::byte> changed = *bytes;
        changed[at] ^= std::byte{0x41};
        (void)open_profile(Source::from_memory("p", std::move(changed)));
    }
}

TEST(Profile, CatalogueTargetsHaveNothingToCapture) {
    Target target;
    target.files = std::make_shared<MemoryFileSystem>();
    CaptureSummary summary;
    EXPECT_EQ(capture(target, {}, summary).error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace abiscope::target
