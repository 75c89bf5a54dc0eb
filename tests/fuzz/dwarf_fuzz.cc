// The debug information of any container: every unit walked, every record built, names looked up.
#include <cstddef>
#include <cstdint>

#include "bytes/source.h"
#include "debuginfo/program_types.h"

namespace {

using namespace abiscope;

// Any path is the program itself: split units and supplementary files are read from the same bytes.
class Itself final : public debuginfo::FileFinder {
public:
    explicit Itself(SourcePtr source) : source_(std::move(source)) {}
    Result<SourcePtr> open(const std::string&) override { return source_; }

private:
    SourcePtr source_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Limits limits;
    limits.decompressed_bytes = 1 << 22;
    limits.libraries = 4;
    finding::Sink sink(limits);
    auto source = Source::from_foreign("fuzz", std::as_bytes(std::span(data, size)), {});
    Itself finder(source);
    auto program = debuginfo::ProgramTypes::open(source, &finder, {}, limits, sink, 1);
    if (!program) {
        static_cast<void>(program.error().describe());
        return 0;
    }
    std::size_t fields = 0;
    auto done = [](std::size_t, std::size_t) {};
    abi::TypeTable table;
    for (abi::TypeId id : program->find_types("*", table, sink)) fields += table.contains(id);
    for (const auto& function : program->find_functions("*a*", table, sink)) fields += function.parameters.size();
    program->visit_types(
        "*", true, sink,
        [&](std::size_t, const abi::TypeTable& types, abi::TypeId id) { fields += types.record(types.resolve(id)) != nullptr; }, done);
    program->visit_functions(
        "*", true, sink,
        [&](std::size_t, const abi::TypeTable& types, const dwarf::FunctionSignature& function) {
            fields += types.contains(function.type);
        },
        done);
    static_cast<void>(fields);
    return 0;
}
