package main

import (
	"archive/zip"
	"fmt"
	"io"
	"log"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// zoneData is where Go's own zone data are: those of the machine may be of another edition.
func zoneData() string {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	check(err)
	return filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip")
}

// printZones prints what has held in each time zone of Go's own zone data, a line for each span: name, first
// second, offset, abbreviation, and whether it is summer time.
func printZones() {
	archive, err := zip.OpenReader(zoneData())
	check(err)
	for _, file := range archive.File {
		if strings.HasSuffix(file.Name, "/") || file.Name == "Factory" {
			continue
		}
		content, err := file.Open()
		check(err)
		data, err := io.ReadAll(content)
		check(err)
		location, err := time.LoadLocationFromTZData(file.Name, data)
		check(err)
		printSpans(file.Name, location)
	}
}

func printSpans(zone string, location *time.Location) {
	for at := time.Unix(0, 0).In(location); at.Year() < 2040; {
		abbreviation, offset := at.Zone()
		fmt.Println(zone, at.Unix(), offset, abbreviation, at.IsDST())
		_, end := at.ZoneBounds()
		if end.IsZero() {
			break
		}
		if !end.After(at) {
			end = at.AddDate(0, 0, 1) // Go says so of some zones at the end of a year
		}
		at = end
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
