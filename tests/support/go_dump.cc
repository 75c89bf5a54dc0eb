// Prints what a Go program holds, for the differential tests: the tables of a file, the goroutines of a running process.
//   go_dump functions FILE | go_dump types FILE | go_dump pcs FILE (pcs in hexadecimal on standard input) | go_dump goroutines PID GOARCH
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "bytes/mapped_file.h"
#include "golang/goroutines.h"
#include "golang/program.h"
#include "inspect/go_subjects.h"

namespace {

using namespace abiscope;

int dump(const std::string& mode, const SourcePtr& source) {
    finding::Sink sink;
    auto subjects = inspect::go_subjects(source, sink);
    if (!subjects) {
        fmt::print(stderr, "{}\n", subjects.error().describe());
        return 1;
    }
    const inspect::GoSubject& subject = subjects->front();
    auto program = golang::Program::open(*subject.memory, subject.build, sink);
    for (const finding::Finding& finding : sink.findings()) fmt::print(stderr, "finding {}\n", finding::rule(finding.rule()).name);
    if (!program) {
        fmt::print(stderr, "{}\n", program.error().describe());
        return 1;
    }
    const golang::FoundModule& main = program->main();
    const golang::PclnTable& table = main.table;
    fmt::print("version {} by {} shape {} module {:#x} fits {} text {:#x}\n", program->version().text,
               golang::to_string(program->version().source), program->version().shape.to_string(), main.module.address,
               main.module.fits.to_string(), main.module.text.start);
    if (mode == "functions") {
        for (std::uint32_t i = 0; i < table.size(); ++i) {
            auto function = table.at(i);
            if (!function) continue;
            fmt::print("{:x} {:x} {} {} {}\n", function->entry, function->end, table.line(*function, function->entry),
                       table.name(*function), table.file(*function, function->entry));
        }
    } else if (mode == "types") {
        std::uint64_t fields = 0, methods = 0, named = 0;
        golang::TypeReader types = program->types(main);
        std::uint64_t count = golang::visit_types(
            types,
            [&](const golang::Type& type) {
                fields += type.fields.size();
                methods += type.methods.size();
                named += type.named ? 1 : 0;
            },
            sink);
        std::uint64_t itabs = golang::visit_itabs(types, [](const golang::Itab&) {}, sink);
        fmt::print("{} types, {} named, {} fields, {} methods, {} itabs, {} findings\n", count, named, fields, methods, itabs,
                   sink.findings().size());
        for (const finding::Finding& finding : sink.findings()) fmt::print("  {}\n", finding.evidence()[0].reading);
    } else {
        for (std::string line; std::getline(std::cin, line);) {
            std::uint64_t pc = std::stoull(line, nullptr, 16);
            auto function = table.find(pc);
            fmt::print("pc {:x}\n", pc);
            if (!function) continue;
            golang::SourceFrame frames[64];
            std::size_t count = program->frames(main, *function, pc, frames);
            for (std::size_t i = 0; i < count; ++i)
                fmt::print("frame {:x} {} {} {}\n", function->entry, frames[i].line, frames[i].function, frames[i].file);
        }
    }
    return 0;
}

// The readable memory of a process, as it is now.
std::unique_ptr<golang::RangeMemory> process_memory(const std::string& id, unsigned word) {
    std::ifstream maps("/proc/" + id + "/maps");
    std::ifstream bytes("/proc/" + id + "/mem", std::ios::binary);
    std::vector<golang::MemoryRange> ranges;
    std::vector<SourcePtr> keep;
    for (std::string line; std::getline(maps, line);) {
        std::uint64_t start = std::stoull(line, nullptr, 16);
        std::uint64_t end = std::stoull(line.substr(line.find('-') + 1), nullptr, 16);
        std::string flags = line.substr(line.find(' ') + 1, 4);
        if (flags[0] != 'r' || end - start > (std::uint64_t{1} << 28)) continue;
        std::vector<std::byte> copy(end - start);
        bytes.clear();
        bytes.seekg(static_cast<std::streamoff>(start));
        if (!bytes.read(reinterpret_cast<char*>(copy.data()), static_cast<std::streamsize>(copy.size()))) continue;
        SourcePtr source = Source::from_memory("memory", std::move(copy));
        ranges.push_back({start, end - start, source->view(), flags[1] == 'w', flags[2] == 'x'});
        keep.push_back(std::move(source));
    }
    return std::make_unique<golang::RangeMemory>(Endian::little, word, std::move(ranges), std::move(keep));
}

int dump_goroutines(const std::string& id, const std::string& architecture) {
    bool narrow = architecture == "386" || architecture == "arm";
    auto memory = process_memory(id, narrow ? 4 : 8);
    finding::Sink sink;
    auto program = golang::Program::open(*memory, std::nullopt, sink);
    if (!program) {
        fmt::print(stderr, "{}\n", program.error().describe());
        return 1;
    }
    auto reader = golang::GoroutineReader::make(*memory, program->release(), architecture);
    if (!reader) return 1;
    auto function = [&](std::uint64_t pc) {
        auto found = program->main().table.find(pc);
        return found ? program->main().table.name(*found) : std::string_view("?");
    };
    fmt::print("version {}\n", program->version().text);
    for (std::uint64_t address : reader->find_all(program->main().module)) {
        auto one = reader->read(address);
        if (!one) continue;
        fmt::print("goroutine {}|{}|{}|{}|{}|{}|{}\n", one->id, one->status_name, one->wait_reason, function(one->saved.pc),
                   function(one->start), function(one->created_at), one->created_by ? std::to_string(*one->created_by) : "?");
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 4 && std::string(argv[1]) == "goroutines") return dump_goroutines(argv[2], argv[3]);
    if (argc != 3) return 2;
    auto source = abiscope::open_file(argv[2]);
    return source ? dump(argv[1], *source) : 1;
}
