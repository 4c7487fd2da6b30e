package manifest

import (
	"cmp"
	"slices"
	"strconv"
)

// lists computes functions of lists, objects and whole numbers.
func (e *evaluation) lists(name string, args []value) (value, bool) {
	number := func(i int) (value, bool) { return value{sort: scalarSort, scalar: itoa(i)}, true }
	switch {
	case name == "length" && len(args) == 1 && args[0].sort == listSort:
		return number(len(args[0].list))
	case name == "length" && len(args) == 1 && args[0].sort == objectSort:
		return number(len(args[0].members))
	case name == "items" && len(args) == 1 && args[0].sort == objectSort:
		return items(args[0]), true
	case name == "createobject" && len(args)%2 == 0:
		return createObject(args)
	}
	numbers, ok := whole(args)
	if !ok || len(numbers) != 2 {
		return value{}, false
	}
	switch {
	case name == "range" && numbers[1] >= 0 && numbers[1] <= maxCopies:
		v := value{sort: listSort}
		for i := range numbers[1] {
			v.list = append(v.list, value{sort: scalarSort, scalar: itoa(numbers[0] + i)})
		}
		return v, true
	case name == "add":
		return number(numbers[0] + numbers[1])
	case name == "sub":
		return number(numbers[0] - numbers[1])
	case name == "mul":
		return number(numbers[0] * numbers[1])
	}
	return value{}, false
}

// whole reads arguments that are whole numbers, small enough to be reckoned with.
func whole(args []value) ([]int, bool) {
	var numbers []int
	for _, arg := range args {
		text, _, known := arg.known()
		i, err := strconv.Atoi(text)
		if !known || arg.sort != scalarSort || err != nil || i > 1<<20 || i < -1<<20 {
			return nil, false
		}
		numbers = append(numbers, i)
	}
	return numbers, true
}

// items is the list of the members of an object, by key
// (https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-object#items).
func items(object value) value {
	v := value{sort: listSort}
	for _, m := range object.members {
		v.list = append(v.list, value{sort: objectSort, members: []field{{"key", textValue(m.name)}, {"value", m.value}}})
	}
	slices.SortStableFunc(v.list, func(a, b value) int {
		return cmp.Compare(a.members[0].value.parts[0].text, b.members[0].value.parts[0].text)
	})
	return v
}

func createObject(args []value) (value, bool) {
	v := value{sort: objectSort}
	for i := 0; i < len(args); i += 2 {
		name, _, known := args[i].known()
		if !known {
			return value{}, false
		}
		v.members = append(v.members, field{name, args[i+1]})
	}
	return v, true
}
