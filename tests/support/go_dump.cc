// Prints what a Go program's tables hold, for tests/differential/go_programs.py: functions, and the calls at given pcs.
//   go_dump functions FILE      | go_dump pcs FILE (pcs in hexadecimal on standard input) | go_dump types FILE
#include <cstdio>
#include <iostream>
#include <string>

#include <fmt/format.h>

#include "bytes/mapped_file.h"
#include "golang/program.h"
#include "inspect/go_memory.h"

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

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    auto source = abiscope::open_file(argv[2]);
    return source ? dump(argv[1], *source) : 1;
}
